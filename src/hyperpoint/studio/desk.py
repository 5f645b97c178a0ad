"""One tab of the studio without its browser: what is open, what was clicked, what is shown.

Views call its methods and draw it anew when it tells them that something changed; everything can be driven from Python.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hyperpoint.annotation.prepared import PreparedScene
from hyperpoint.annotation.recipe import get_recipe
from hyperpoint.errors import HyperpointError
from hyperpoint.studio.advising import Adviser
from hyperpoint.studio.calibrating import check_panel
from hyperpoint.studio.choices import Rectangle, white_of
from hyperpoint.studio.current import Current
from hyperpoint.studio.delivering import Deliverer
from hyperpoint.studio.editing import Editor, Pixel
from hyperpoint.studio.jobs import Jobs, Later, Report, at_once
from hyperpoint.studio.preparing import OpenScene, SceneCache
from hyperpoint.studio.refitting import Refit, Refitter, in_a_sentence, what_to_click
from hyperpoint.studio.viewing import Viewing
from hyperpoint.studio.watching import Watched
from hyperpoint.studio.workspace import SceneEntry, Workspace
from hyperpoint.types import PointSet


class Desk(Watched):
    """One tab on a workspace.

    Parameters
    ----------
    workspace
        The scenes.
    scenes
        The scenes that are open, shared by all tabs; None: of this desk alone.
    later
        Runs a function where the page lives, soon; for a desk without a page, at once.

    Attributes
    ----------
    current
        The open scene, or None.
    edit, advice, out
        What changes points and classes; what says where to click next; what is written out.
    viewing, jobs
        What is shown; the long work that is being done.
    message
        One sentence for the user, or empty.
    is_closed
        Whether the tab is gone.
    """

    def __init__(self, workspace: Workspace, scenes: SceneCache | None = None, later: Later = at_once) -> None:
        super().__init__()
        self.workspace = workspace
        self.scenes = scenes or SceneCache(workspace)
        self.later = later
        self.viewing = Viewing()
        self.message = ""
        self.current: Current | None = None
        self.is_closed = False
        self.jobs = Jobs(later, lambda: self.changed("busy"), self.say)
        self.edit, self.advice, self.out = Editor(self), Adviser(self), Deliverer(self)

    @property
    def can_edit(self) -> bool:
        """Whether a scene is open, and open here to be changed."""
        return self.current is not None and self.current.lease.holds()

    @property
    def status(self) -> str:
        """What the status line says, such as "12 points · revision 15"."""
        if self.current is None:
            return "no scene open"
        num = len(self.current.session.state.points)
        return f"{num} point{'' if num == 1 else 's'} · revision {self.current.session.revision}"

    @property
    def hint(self) -> str:
        """What to do first, as long as nothing can be labelled; empty from then on."""
        if not self.can_edit or self.current is None:
            return ""
        state = self.current.session.state
        if not state.classes.live:
            return "Add a class on the left, or begin with a set of classes."
        return what_to_click(state.points) or ""

    def say(self, sentence: str) -> None:
        """Show a sentence; an empty one takes the last away."""
        self.message = sentence
        self.changed("message")

    def say_error(self, error: Exception) -> None:
        """Show what went wrong."""
        sentence = in_a_sentence(error)
        self.say(sentence[:1].upper() + sentence[1:])

    def tell(self, sentence: str) -> None:
        """Show a sentence, from any thread."""
        self.later(lambda: self.say(sentence))

    def show(self, **choices: Any) -> None:
        """Change what is shown: fields of `Viewing`."""
        for name, value in choices.items():
            setattr(self.viewing, name, value)
        self.changed("viewing")
        if {"layer", "band", "bands", "stretch"} & set(choices):
            self.changed("picture")
        if "show_score" in choices:
            self.advice.refresh()

    def open(self, entry: SceneEntry) -> None:
        """Open a scene, beside the page, in place of the one that is open."""
        white = white_of(self.workspace.store(entry))
        self.jobs.run(f"Opening {entry.key}", lambda _report: self.scenes.open(entry, white), self._opened)

    def step(self, by: int) -> None:
        """Open the next scene of the list, or the one before."""
        entries = self.workspace.entries
        at = entries.index(self.current.entry) + by if self.current else 0
        if 0 <= at < len(entries):
            self.open(entries[at])
        else:
            self.say("This is the last scene." if by > 0 else "This is the first scene.")

    def take_over(self) -> None:
        """Edit here what was being edited elsewhere: what was done there is kept, and stops there."""
        if self.current is not None:
            self.current.lease.take_over()
            self._replay()
            self.say("This tab edits the scene now; others show it.")

    def tick(self) -> None:
        """Keep the right to edit alive, and follow what others do; to be called about every second."""
        if (current := self.current) is None:
            return
        if current.lease.holds():
            current.lease.beat()
        elif current.lease.acquire():  # whoever edited it has gone
            self._replay()
            self.changed("scene")
        elif current.store.num_records() != current.session.revision:
            self._replay()

    def choose_recipe(self, name: str) -> None:
        """Annotate the open scene by another recipe."""
        if self.current is None or name == self.current.recipe or not self.settle(recipe=get_recipe(name).name):
            return
        self._prepare(self.current)

    def leave_doubts(self, min_confidence: float, reject: bool) -> None:
        """Leave pixels unlabelled whose confidence is below a share, 0..1, or that are like nothing labelled."""
        if self.settle(min_confidence=min(max(float(min_confidence), 0.0), 1.0), reject=bool(reject)):
            self.changed("scene")
            self._request()

    def draw_white(self, rectangle: Rectangle | None) -> None:
        """Take the panel in a rectangle as white reference, or none; one that is no panel leaves all as it is."""
        if (current := self.current) is None or not self.settle():
            return
        entry = current.entry

        def work(_report: Report) -> tuple[OpenScene, tuple[str, ...]]:
            as_recorded = self.scenes.open(entry).scene
            warnings = () if rectangle is None else check_panel(as_recorded, rectangle).warnings
            return self.scenes.open(entry, rectangle), warnings

        def done(found: tuple[OpenScene, tuple[str, ...]]) -> None:
            opened, warnings = found
            if self.current is current and self.settle(white=None if rectangle is None else list(rectangle)):
                self._opened(opened)
                self.say(" ".join([self.message, *warnings]).strip())

        self.jobs.run(f"Opening {entry.key}", work, done)

    def set_done(self, done: bool) -> None:
        """Mark the open scene as done, or not."""
        if self.current is not None and self.can_edit:
            self.current.store.set_done(done)
            self.changed("scenes")

    def edited(self) -> None:
        """Have everything drawn and labelled anew after a change of points, classes or corrections."""
        self._request()  # first: the annotation is made beside all that follows
        self.message = ""
        self.advice.drop_answered()
        self.changed("points", "classes", "labels", "message", "scenes", "advice")

    def close(self) -> None:
        """Stop: the tab is gone. Nothing is lost, for everything is saved at once."""
        self.is_closed = True
        self.jobs.close()
        if self.current is not None:
            self.current.close()

    def settle(self, **settings: Any) -> bool:
        """Change settings of the open scene that are kept with it; say whether that could be done."""
        if self.current is None:
            self.say("Open a scene first.")
            return False
        if not self.can_edit:
            self.say("This scene is being edited elsewhere; take it over to change it.")
            return False
        try:
            self.current.store.change_settings(**settings)
        except (HyperpointError, OSError) as error:
            self.say_error(error)
            return False
        return True

    def _opened(self, opened: OpenScene) -> None:
        if self.is_closed:  # meanwhile; the scene is free for others
            return
        store, before = self.workspace.store(opened.entry), self.current
        if before is not None and before.entry == opened.entry:  # its lease is needed
            before.close()
        current = Current(opened, store, store.lease())
        if before is not None:
            before.close()
        self.current = current
        self.edit.selected, self.edit.active = None, None
        self.advice.reset()
        self.message = " ".join(store.notes)
        self.changed("scene", "picture", "points", "classes", "labels", "scenes", "advice", "viewing", "message")
        self.edit.choose_nth(0)
        self.out.fetch_library(self.current)
        self._prepare(self.current)

    def _prepare(self, current: Current) -> None:
        def ready(prepared: PreparedScene) -> None:
            if self.current is not current:
                return
            if current.refitter is not None:
                current.refitter.close()
            current.prepared = prepared
            answers = (self._back(current, prepared, answer) for answer in (self._refitted, self._failed))
            current.refitter = Refitter(prepared, *answers)
            self.changed("scene")
            self._request()

        self.jobs.run(
            f"Preparing {current.entry.key}",
            lambda _report: self.scenes.prepare(current.opened, current.white, current.recipe),
            ready,
        )

    def _request(self) -> None:
        current = self.current
        if current is not None and current.refitter is not None:
            current.refitter.request(
                current.session.state.points,
                current.session.revision,
                current.library,
                min_confidence=current.doubts.min_confidence,
                reject=current.doubts.reject and current.can_reject,
            )

    def _back(
        self, current: Current, prepared: PreparedScene, call: Callable[[Current, Refit], None]
    ) -> Callable[[Refit], None]:
        """Return what hands an answer to the page, unless another scene or recipe has been chosen by then."""

        def hand_over(refit: Refit) -> None:
            if self.current is current and current.prepared is prepared:
                call(current, refit)

        return lambda refit: self.later(lambda: hand_over(refit))

    def _refitted(self, current: Current, refit: Refit) -> None:
        if refit.annotation is not current.annotation:  # a request that repeats the last takes no time
            current.seconds = refit.seconds
        current.annotation = refit.annotation
        current.suspects = () if refit.annotation is None else _pixels(refit.points.subset(refit.annotation.suspects))
        self.changed("labels", "points")
        self.advice.refresh()

    def _failed(self, _current: Current, refit: Refit) -> None:
        self.say(f"{refit.error} The annotation shown is the last that succeeded.")

    def _replay(self) -> None:
        assert self.current is not None
        self.current.session = self.current.store.open_session(self.current.opened.scene.size)
        self.edit.after_change()


def _pixels(points: PointSet) -> tuple[Pixel, ...]:
    return tuple(zip(points.rows.tolist(), points.cols.tolist(), strict=True))
