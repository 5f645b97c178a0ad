"""Writing out what was made: of the open scene, or of all that have points."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import numpy as np

from hyperpoint.annotation.annotate import annotate
from hyperpoint.errors import HyperpointError, InputError
from hyperpoint.library import SpectralLibrary
from hyperpoint.studio.choices import doubts_of, earlier_scene_of, recipe_of, white_of
from hyperpoint.studio.exporting import Exported, Labelled, export
from hyperpoint.studio.jobs import Report
from hyperpoint.studio.refitting import in_a_sentence
from hyperpoint.studio.state import State
from hyperpoint.studio.store import SceneStore
from hyperpoint.types import IGNORE, Annotation, Scene

if TYPE_CHECKING:
    from hyperpoint.studio.current import Current
    from hyperpoint.studio.desk import Desk
    from hyperpoint.studio.listing import SceneEntry

# An annotation takes seconds; after so many an export goes on with what is shown.
_PATIENCE = 60.0


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
            self._wait_for_labels(current)
            left_out: list[str] = []
            scenes = self._labelled(entries, current, left_out if everything else None)
            try:
                exported = export(
                    scenes, kinds, target, lambda done, total, _name: report(done / max(total, 1)), total=len(entries)
                )
            except InputError as error:
                raise InputError(" ".join([str(error), *left_out])) from error
            return exported._replace(notes=(*exported.notes, *left_out))

        desk.jobs.run("Exporting", work, lambda exported: self._exported(exported, target))

    def start_from_previous(self) -> None:
        """Take along the classes and spectra of the nearest scene before this one that has points."""
        desk = self._desk
        if (current := desk.current) is None:
            return
        entries = desk.workspace.entries
        before = [entry for entry in entries[: entries.index(current.entry)] if self._is_begun(entry)]

        def work(_report: Report) -> tuple[SceneEntry, State] | None:
            states = ((entry, self._read_state(entry)) for entry in reversed(before))
            return next((found for found in states if len(found[1].points)), None)

        def done(found: tuple[SceneEntry, State] | None) -> None:
            if desk.current is not current:
                return
            if found is None:
                desk.say("No scene before this one has points to start from.")
            elif desk.settle(like=found[0].key):
                state = current.session.state
                if not len(state.points) and (state.corrections == IGNORE).all():
                    desk.edit.take_classes(found[1].classes.unlocked())
                self.fetch_library(current)

        desk.jobs.run("Looking for points in earlier scenes", work, done)

    def fetch_library(self, current: Current) -> None:
        """Have the spectra of the scene that the open one was told to start from help to annotate it."""
        key = earlier_scene_of(current.store)
        if key is None:
            return
        desk = self._desk

        def done(library: SpectralLibrary) -> None:
            if desk.current is current:
                said = desk.message
                current.library = library
                desk.edited()
                desk.say(said)

        desk.jobs.run(f"Reading the spectra of {key}", lambda _report: self._read_earlier(key), done)

    def _exported(self, exported: Exported, folder: Path) -> None:
        self.written = exported.written
        num = len(exported.written)
        self._desk.say(" ".join([f"Wrote {num} file{'' if num == 1 else 's'} to {folder}.", *exported.notes]))
        self._desk.changed("scenes")

    def _annotated(self) -> list[SceneEntry]:
        return [entry for entry in self._desk.workspace.entries if self._is_begun(entry)]

    def _is_begun(self, entry: SceneEntry) -> bool:
        return self._desk.workspace.store(entry).progress != "untouched"

    def _wait_for_labels(self, current: Current) -> None:
        """Wait, beside the page, until it shows what follows from the last click."""
        if current.refitter is not None:
            current.refitter.wait(_PATIENCE)
        is_shown = Event()
        self._desk.later(is_shown.set)  # after what the refitter has handed over
        is_shown.wait(_PATIENCE)

    def _labelled(
        self, entries: list[SceneEntry], current: Current, left_out: list[str] | None
    ) -> Iterator[Labelled]:  # fmt: skip
        """Give each scene with its labels: the open one as it is shown, others annotated anew from their points.

        With a list `left_out`, scenes without points or corrections are passed over, and of one that fails is said why.
        """
        for entry in entries:
            try:
                found = self._labelled_one(entry, current)
            except (HyperpointError, OSError) as error:
                if left_out is None:
                    raise
                left_out.append(f"{entry.key} was left out: {in_a_sentence(error)}.")
                continue
            if left_out is None or len(found.points) or (found.labels != IGNORE).any():
                yield found

    def _labelled_one(self, entry: SceneEntry, current: Current) -> Labelled:
        if entry == current.entry and (current.annotation is not None or not len(current.session.state.points)):
            return _labelled(entry, current.opened.scene, current.session.state, current.annotation)
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
        return _labelled(entry, opened.scene, state, annotation)

    def _library_of(self, store: SceneStore) -> SpectralLibrary | None:
        key = earlier_scene_of(store)
        return None if key is None else self._read_earlier(key)

    def _read_state(self, entry: SceneEntry) -> State:
        store = self._desk.workspace.store(entry)
        return store.read_state(self._desk.scenes.open(entry, white_of(store)).scene.size)

    def _read_earlier(self, key: str) -> SpectralLibrary:
        """Return the spectra at the points of an earlier scene."""
        entry = self._desk.workspace.entry(key)
        scene = self._desk.scenes.open(entry, white_of(self._desk.workspace.store(entry))).scene
        state = self._read_state(entry)
        return SpectralLibrary.of(scene, state.points, state.classes.table(), origin=str(entry.cube))


def _labelled(entry: SceneEntry, scene: Scene, state: State, annotation: Annotation | None) -> Labelled:
    """Lay the corrections over an annotation; a corrected pixel is certain."""
    is_corrected = state.corrections != IGNORE
    if annotation is None:
        labels, confidence = state.corrections, is_corrected.astype(np.float32)
    else:
        labels = np.where(is_corrected, state.corrections, annotation.labels)
        confidence = np.where(is_corrected, np.float32(1), annotation.confidence)
    return Labelled(entry, scene, labels, confidence, state.points, state.classes.table())
