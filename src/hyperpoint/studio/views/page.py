"""The page: what its sections say goes to the browser, what is done there goes to the desk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import param
from panel.custom import JSComponent
from panel.viewable import Child

from hyperpoint.errors import HyperpointError, InputError
from hyperpoint.studio.views.canvas import Canvas
from hyperpoint.studio.views.classes import CLASSES
from hyperpoint.studio.views.exporting import EXPORT
from hyperpoint.studio.views.feedback import ADVICE, QUALITY
from hyperpoint.studio.views.keys import described
from hyperpoint.studio.views.latest import Latest
from hyperpoint.studio.views.ordering import in_order
from hyperpoint.studio.views.painting import Painter
from hyperpoint.studio.views.recipe import RECIPE
from hyperpoint.studio.views.scenes import Thumbnails, scenes_section
from hyperpoint.studio.views.section import Section, Values
from hyperpoint.studio.views.spectrum import SpectrumPlot
from hyperpoint.studio.views.status import STATUS
from hyperpoint.studio.views.toolbar import TOOLS
from hyperpoint.studio.views.topbar import TOP
from hyperpoint.studio.watching import Part

if TYPE_CHECKING:
    from bokeh.document import Document
    from bokeh.events import Event

    from hyperpoint.studio.desk import Desk

logger = logging.getLogger(__name__)

_SCRIPTS = (
    "dom", "icons", "top", "classes", "scenes", "tools", "feedback", "exporting", "status", "keys", "page",
)  # fmt: skip
_CURVE_PARTS: frozenset[Part] = frozenset({"scene", "points", "viewing"})


def _read(name: str) -> str:
    return (files("hyperpoint.studio.views") / "page" / name).read_text(encoding="utf-8")


class PageModel(JSComponent):
    """What the browser knows: the data of each section, the canvas and the plot of spectra."""

    canvas = Child()
    spectrum = Child()
    top = param.Dict(default={})
    classes = param.Dict(default={})
    scenes = param.Dict(default={})
    tools = param.Dict(default={})
    quality = param.Dict(default={})
    advice = param.Dict(default={})
    recipe = param.Dict(default={})
    out = param.Dict(default={})
    status = param.Dict(default={})
    curve = param.Dict(default={})
    keys = param.List(default=[])

    _esm = "\n".join(_read(f"{name}.js") for name in _SCRIPTS)

    def __init__(self, page: Page, **params: Any) -> None:
        self.page = page
        super().__init__(**params)  # type: ignore[no-untyped-call]

    @classmethod
    def _patch_datamodel_ref(cls, props: Any, ref: str) -> None:
        # At every change Panel looks through all models below for new ones to mark, 20 ms; here none comes later.
        if f"__ref:{ref}" not in props.tags:
            super()._patch_datamodel_ref(props, ref)  # type: ignore[no-untyped-call]

    @property
    def _linked_properties(self) -> tuple[str, ...]:
        # The browser changes nothing of this itself. Otherwise Panel takes what `in_order` sends for its changes,
        # and hears what is done in the next 50 ms outside the document's lock, where nothing can be sent.
        return ()

    def _server_event(self, doc: Document, event: Event) -> None:
        # The server holds the lock while it hands a message over; Panel would give it up before the page is loaded.
        self._comm_event(doc, event)

    def _handle_msg(self, data: Any) -> None:
        self.page.hear(data)


class Page:
    """One tab's page.

    Parameters
    ----------
    desk
        What it shows and changes.
    is_alone
        Whether the page fills the window; in a notebook it does not.

    Attributes
    ----------
    desk
        As above.
    model
        The Panel object.
    actions
        What the browser may ask for, by name.
    is_seen
        Says whether a browser shows the page: one that nobody sees holds no scene.
    on_leave
        Called when the browser leaves the page: another may now edit the scene.
    """

    def __init__(self, desk: Desk, is_alone: bool = True) -> None:
        self.desk = desk
        self._canvas = Canvas()
        self._spectrum = SpectrumPlot(desk)
        self._pictures = Latest(desk.later, desk.say)
        self._painter = Painter(desk, self._canvas, self._pictures)
        self._thumbnails = Thumbnails(desk, self._send_thumbnail)
        self._canvas.on_hover = self._hover
        self._sections: dict[str, Section] = {
            "top": TOP, "classes": CLASSES, "scenes": scenes_section(desk, self._thumbnails), "tools": TOOLS,
            "quality": QUALITY, "advice": ADVICE, "recipe": RECIPE, "out": EXPORT, "status": STATUS,
            "curve": Section(self._spectrum.describe, _CURVE_PARTS),
        }  # fmt: skip
        self.actions = {name: do for section in self._sections.values() for name, do in section.actions.items()}
        self.actions |= {
            "fit": self._fit,
            "white.remove": self._remove_white,
            "theme": self._theme,
            "leave": self._leave,
        }
        self.model = PageModel(
            self, canvas=self._canvas.panel(), spectrum=self._spectrum.panel(), keys=described(),
            css_classes=["hp-page", "hp-alone"] if is_alone else ["hp-page"], stylesheets=[_read("style.css")],
            sizing_mode="stretch_both" if is_alone else "stretch_width", margin=0,
            **{name: section.describe(desk) for name, section in self._sections.items()},
        )  # fmt: skip
        self._could_edit, self._has_left = desk.can_edit, False
        self.is_seen: Callable[[], bool] = lambda: True
        self.on_leave: Callable[[], None] = lambda: None
        desk.watch(self._update)

    def hear(self, message: Any) -> None:
        """Do what the browser asks for: {"do": name, ...}."""
        name = message.get("do") if isinstance(message, dict) else None
        try:
            if self.desk.is_closed:
                raise InputError("this view is closed; run its cell again, or reload the page, to go on here")
            if name not in self.actions:
                raise InputError(f"the page asked for {name!r}, which there is not; reload it")
            self.actions[name](self.desk, message)
        except (HyperpointError, OSError) as error:
            self.desk.say_error(error)

    def tick(self) -> None:
        """Have the desk look around, and show at once if the right to edit has come or gone; about every second.

        A page that nobody sees any more gives its scene back, and does not ask for it again.
        """
        if self._has_left or not self.is_seen():
            self._let_go()
        else:
            self.desk.tick()
        if self._could_edit != self.desk.can_edit:
            self._could_edit = self.desk.can_edit
            self._describe(self._sections)

    def close(self) -> None:
        """Stop: the tab is gone."""
        self._pictures.close()
        self._thumbnails.close()
        self.desk.close()

    def _update(self, parts: frozenset[Part]) -> None:
        self._painter.update(parts)
        self._spectrum.update(parts)
        self._describe(section for section in self._sections if self._sections[section].parts & parts)

    def _describe(self, names: Iterable[str]) -> None:
        """Send what sections show, where it changed."""
        said = {name: self._sections[name].describe(self.desk) for name in names}
        changed = {name: value for name, value in said.items() if value != getattr(self.model, name)}
        if changed:
            with in_order():
                self.model.param.update(**changed)

    def _hover(self, row: int | None, col: int | None) -> None:
        self._spectrum.hover(row, col)
        self._describe(["curve"])

    def _send_thumbnail(self, key: str, picture: str) -> None:
        with in_order():
            self.model._send_msg({"thumbnail": key, "picture": picture})

    def _fit(self, _desk: Desk, _values: Values) -> None:
        self._canvas.fit()

    def _remove_white(self, desk: Desk, _values: Values) -> None:
        desk.draw_white(None)

    def _theme(self, _desk: Desk, values: Values) -> None:
        self._spectrum.set_theme(str(values["name"]))

    def _leave(self, _desk: Desk, _values: Values) -> None:
        """Let others edit at once: the browser says that it is leaving, and may come straight back."""
        self._has_left = True
        self._let_go()

    def _let_go(self) -> None:
        if self.desk.can_edit:
            assert self.desk.current is not None
            self.desk.current.lease.release()
            self.on_leave()
