"""Writing out what was made: of the open scene, or of all that have points."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hyperpoint.annotation.annotate import annotate
from hyperpoint.library import SpectralLibrary
from hyperpoint.studio.choices import doubts_of, earlier_scene_of, recipe_of, white_of
from hyperpoint.studio.exporting import Exported, Labelled, export
from hyperpoint.studio.jobs import Report
from hyperpoint.studio.state import State
from hyperpoint.studio.store import SceneStore
from hyperpoint.types import IGNORE, Annotation, Scene

if TYPE_CHECKING:
    from hyperpoint.studio.current import Current
    from hyperpoint.studio.desk import Desk
    from hyperpoint.studio.listing import SceneEntry


class Deliverer:
    """Exports scenes, and hands the classes and spectra of one to the next.

    Parameters
    ----------
    desk
        Whose scenes they are.

    Attributes
    ----------
    written
        The files of the last export.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.written: tuple[Path, ...] = ()

    def export(self, kinds: Collection[str], everything: bool = False, folder: Path | None = None) -> None:
        """Write the open scene, or all scenes that have points, beside the page.

        Parameters
        ----------
        kinds
            Of `exporting.EXPORT_KINDS`.
        everything
            All scenes with points; else the open one.
        folder
            Where to; None: the workspace's folder for exports.
        """
        desk = self._desk
        if (current := desk.current) is None:
            desk.say("Open a scene first.")
            return
        entries = self._annotated() if everything else [current.entry]

        target = folder or desk.workspace.export_dir

        def work(report: Report) -> Exported:
            desk.workspace.check_path(target)
            scenes = self._labelled(entries, current)
            return export(
                scenes, kinds, target, lambda done, total, _name: report(done / max(total, 1)), total=len(entries)
            )

        desk.jobs.run("Exporting", work, lambda exported: self._exported(exported, target))

    def start_from_previous(self) -> None:
        """Take along the classes and spectra of the nearest scene before this one that has points."""
        desk = self._desk
        if (current := desk.current) is None:
            return
        before = desk.workspace.entries[: desk.workspace.entries.index(current.entry)]
        earlier = next((entry for entry in reversed(before) if self._has_points(entry)), None)
        if earlier is None:
            desk.say("No scene before this one has points to start from.")
            return
        if desk.settle(like=earlier.key):
            self.fetch_library(current, take_classes=True)

    def fetch_library(self, current: Current, take_classes: bool = False) -> None:
        """Have the spectra of the scene that the open one was told to start from help to annotate it."""
        key = earlier_scene_of(current.store)
        if key is None:
            return
        desk = self._desk

        def done(found: tuple[State, SpectralLibrary]) -> None:
            if desk.current is not current:
                return
            state, library = found
            if take_classes and not len(current.session.state.points):
                desk.edit.take_classes(state.classes.table())
            current.library = library
            desk.edited()

        desk.jobs.run(f"Reading the spectra of {key}", lambda _report: self._read_earlier(key), done)

    def _exported(self, exported: Exported, folder: Path) -> None:
        self.written = exported.written
        num = len(exported.written)
        self._desk.say(" ".join([f"Wrote {num} file{'' if num == 1 else 's'} to {folder}.", *exported.notes]))
        self._desk.changed("scenes")

    def _annotated(self) -> list[SceneEntry]:
        return [entry for entry in self._desk.workspace.entries if self._has_points(entry)]

    def _has_points(self, entry: SceneEntry) -> bool:
        return self._desk.workspace.store(entry).progress != "untouched"

    def _labelled(self, entries: list[SceneEntry], current: Current) -> Iterator[Labelled]:
        """Give each scene with its labels: the open one as it is shown, others annotated anew from their points."""
        for entry in entries:
            if entry == current.entry and (current.annotation is not None or not len(current.session.state.points)):
                yield _labelled(entry, current.opened.scene, current.session.state, current.annotation)
                continue
            store = self._desk.workspace.store(entry)
            opened = self._desk.scenes.open(entry, white_of(store))
            state = store.read_state(opened.scene.size)
            annotation = None
            if len(state.points.class_ids) >= 2:
                prepared = self._desk.scenes.prepare(opened, white_of(store), recipe_of(store))
                doubts = doubts_of(store)
                annotation = annotate(
                    prepared, state.points, library=self._library_of(store), min_confidence=doubts.min_confidence,
                    reject=doubts.reject and prepared.can_reject,
                )  # fmt: skip
            yield _labelled(entry, opened.scene, state, annotation)

    def _library_of(self, store: SceneStore) -> SpectralLibrary | None:
        key = earlier_scene_of(store)
        return None if key is None else self._read_earlier(key)[1]

    def _read_earlier(self, key: str) -> tuple[State, SpectralLibrary]:
        """Return the state of an earlier scene, and the spectra at its points."""
        entry = self._desk.workspace.entry(key)
        store = self._desk.workspace.store(entry)
        scene = self._desk.scenes.open(entry, white_of(store)).scene
        state = store.read_state(scene.size)
        return state, SpectralLibrary.of(scene, state.points, state.classes.table(), origin=str(entry.cube))


def _labelled(entry: SceneEntry, scene: Scene, state: State, annotation: Annotation | None) -> Labelled:
    """Lay the corrections over an annotation; a corrected pixel is certain."""
    is_corrected = state.corrections != IGNORE
    if annotation is None:
        labels, confidence = state.corrections, is_corrected.astype(np.float32)
    else:
        labels = np.where(is_corrected, state.corrections, annotation.labels)
        confidence = np.where(is_corrected, np.float32(1), annotation.confidence)
    return Labelled(entry, scene, labels, confidence, state.points, state.classes.table())
