"""Scenes that are open: opened and prepared once for all tabs, the last few kept."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar

from hyperpoint.annotation.prepare import prepare
from hyperpoint.annotation.prepared import PreparedScene, with_rgb
from hyperpoint.annotation.recipe import get_recipe
from hyperpoint.studio.choices import Rectangle
from hyperpoint.studio.layers import Layers
from hyperpoint.studio.listing import SceneEntry
from hyperpoint.studio.spectra import Spectra
from hyperpoint.studio.workspace import Workspace
from hyperpoint.types import Scene

Key = TypeVar("Key")
Value = TypeVar("Value")

# A prepared scene of 1889 x 1422 pixels takes a few hundred megabytes.
_NUM_KEPT = 2


@dataclass(frozen=True, eq=False)
class OpenScene:
    """A scene that is open: its pictures and spectra, and, once it is prepared, what annotates it."""

    entry: SceneEntry
    scene: Scene
    layers: Layers
    spectra: Spectra


class SceneCache:
    """Opens and prepares the scenes of a workspace, one at a time, and keeps those used last.

    Parameters
    ----------
    workspace
        Where the scenes are.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._opened: OrderedDict[str, OpenScene] = OrderedDict()
        self._prepared: OrderedDict[tuple[str, str], PreparedScene] = OrderedDict()
        self._lock = Lock()

    def open(self, entry: SceneEntry, white: Rectangle | None = None) -> OpenScene:
        """Open a scene, with the white reference in the rectangle (r0, c0, r1, c1) if one was drawn."""
        key = _key(entry, white)
        with self._lock:
            if key not in self._opened:
                scene = with_rgb(self.workspace.open(entry, white=white))
                self._opened[key] = OpenScene(entry, scene, Layers(scene), Spectra(scene))
            return _kept(self._opened, key)

    def prepare(self, opened: OpenScene, white: Rectangle | None, recipe: str) -> PreparedScene:
        """Prepare an open scene for a recipe."""
        key = (_key(opened.entry, white), get_recipe(recipe).name)
        with self._lock:
            if key not in self._prepared:
                self._prepared[key] = prepare(opened.scene, recipe)
            return _kept(self._prepared, key)


def _key(entry: SceneEntry, white: Rectangle | None) -> str:
    return json.dumps([entry.key, white])


def _kept(cache: OrderedDict[Key, Value], key: Key) -> Value:
    cache.move_to_end(key)
    while len(cache) > _NUM_KEPT:
        cache.popitem(last=False)
    return cache[key]
