"""Who wants to know what changed: the desk tells parts, the views draw them anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Part = Literal[
    "scenes", "scene", "picture", "points", "classes", "labels", "viewing", "advice", "centre", "message", "busy",
]  # fmt: skip
Watcher = Callable[[frozenset[Part]], None]


class Watched:
    """Something whose parts change, and those who are told."""

    def __init__(self) -> None:
        self._watchers: list[Watcher] = []

    def watch(self, watcher: Watcher) -> None:
        """Have `watcher` called with the parts that changed, every time."""
        self._watchers.append(watcher)

    def changed(self, *parts: Part) -> None:
        """Tell everybody that these parts changed."""
        for watcher in self._watchers:
            watcher(frozenset(parts))
