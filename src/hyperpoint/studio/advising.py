"""What the studio says of an annotation, and where it asks for the next click."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hyperpoint.annotation.suggestion import Suggestions
from hyperpoint.errors import HyperpointError
from hyperpoint.studio.feedback import CrossValidation, Feedback, cross_validate, feedback, suggestions
from hyperpoint.studio.refitting import in_a_sentence
from hyperpoint.studio.scoring import score_against_truth

if TYPE_CHECKING:
    from hyperpoint.studio.current import Current
    from hyperpoint.studio.desk import Desk

# A point this near a suggestion, in pixels, answers it.
ANSWERED = 6


class Adviser:
    """Feedback on the open scene's annotation, and suggestions; computed after the annotation, beside the page.

    Parameters
    ----------
    desk
        Whose scene it is.

    Attributes
    ----------
    feedback, validation
        Of the last annotation; None until there is one, or, of the validation, where points are too few.
    suggestions
        Those that are not answered yet, the best first; None until asked for.
    score
        Scores against the truth beside the scene, if the user wants to see them, as `score_against_truth` gives them;
        or a "problem", in a sentence.
    centre
        The pixel that the view is to jump to.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.reset()

    def reset(self) -> None:
        """Forget everything: another scene is open."""
        self.feedback: Feedback | None = None
        self.validation: CrossValidation | None = None
        self.suggestions: Suggestions | None = None
        self.score: dict[str, Any] | None = None
        self.centre: tuple[int, int] | None = None
        self._next = 0

    def drop_answered(self) -> None:
        """Take suggestions away near which there is a point by now."""
        current = self._desk.current
        if current is None or self.suggestions is None:
            return
        points, found = current.session.state.points, self.suggestions
        away = np.hypot(found.rows[:, None] - points.rows, found.cols[:, None] - points.cols) > ANSWERED
        open_ones = np.flatnonzero(away.all(axis=1))
        self._next -= int((~away.all(axis=1))[: self._next].sum())
        self.suggestions = Suggestions(
            found.rows[open_ones], found.cols[open_ones], tuple(found.reasons[i] for i in open_ones)
        )

    def refresh(self) -> None:
        """Look at the new annotation, once the page has it."""
        current = self._desk.current
        if current is None or current.annotation is None or current.refitter is None:
            self.feedback, self.validation, self.score = None, None, None
            self._desk.changed("advice")
            return
        current.refitter.later("feedback", lambda: self._look(current), self._desk.tell)

    def suggest(self, num: int = 5, jump: bool = False) -> None:
        """Ask for the most useful next points; `jump` to the best of them."""
        current = self._desk.current
        if current is None or current.prepared is None or current.refitter is None:
            self._desk.say("The scene is still being prepared; suggestions come after that.")
            return
        if len(current.session.state.points.class_ids) < 2:
            self._desk.say("Suggestions need points of two classes; click one of each first.")
            return
        current.refitter.later("suggest", lambda: self._search(current, num, jump), self._desk.tell)

    def next(self) -> None:
        """Jump to the next suggestion; ask for new ones where none is left."""
        if self.suggestions is None or self._next >= len(self.suggestions):
            self.suggest(jump=True)
            return
        self.jump(self._next)

    def jump(self, position: int) -> None:
        """Jump to a suggestion, by its position from 0."""
        if self.suggestions is None or not 0 <= position < len(self.suggestions):
            return
        self.centre = int(self.suggestions.rows[position]), int(self.suggestions.cols[position])
        self._next = position + 1
        self._desk.changed("centre")

    def _search(self, current: Current, num: int, jump: bool) -> None:
        assert current.prepared is not None
        state = current.session.state
        found = suggestions(current.prepared, state.points, num, classes=state.classes.table(), library=current.library)

        def show() -> None:
            if self._desk.current is not current:
                return
            self.suggestions, self._next = found, 0
            self.drop_answered()
            if not len(self.suggestions):
                self._desk.say("There is nothing left to ask: every region is settled.")
            self._desk.changed("advice")
            if jump:
                self.jump(0)

        self._desk.later(show)

    def _look(self, current: Current) -> None:
        """Run in the refitter's thread: nothing here may change what the page sees but through `later`."""
        annotation, state, prepared = current.annotation, current.session.state, current.prepared
        assert prepared is not None
        if annotation is None:
            return
        said = feedback(annotation, state.points, state.corrections)
        score = self._score(current) if self._desk.viewing.show_score else None
        revision = current.session.revision
        validation = cross_validate(
            prepared, state.points, library=current.library, is_wanted=lambda: current.session.revision == revision
        )

        def show() -> None:
            if self._desk.current is current:
                self.feedback, self.validation, self.score = said, validation, score
                self._desk.changed("advice")

        self._desk.later(show)

    def _score(self, current: Current) -> dict[str, Any]:
        workspace = self._desk.workspace
        own = current.session.state.classes.table()
        try:
            truth = workspace.truth(current.entry)
            return score_against_truth(current.labels, truth, own, workspace.classes_of(current.entry))
        except (HyperpointError, OSError) as error:  # the rest of the feedback does not depend on it
            return {"problem": f"There is no score: {in_a_sentence(error).rstrip('.')}."}
