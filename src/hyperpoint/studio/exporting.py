"""What leaves the studio: masks, confidence, points, overlays, a manifest, COCO, ENVI and GeoTIFF."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from hyperpoint.cube import FloatArray, Georeference
from hyperpoint.errors import InputError, MissingExtraError
from hyperpoint.io.classes import write_classes
from hyperpoint.io.classification import write_envi_classification
from hyperpoint.io.files import StrPath, make_folder
from hyperpoint.io.georeferenced import rescale, write_geotiff
from hyperpoint.io.images import write_png
from hyperpoint.io.manifest import CLASSES_NAME
from hyperpoint.io.masks import write_confidence, write_mask
from hyperpoint.io.points import write_points
from hyperpoint.io.preview import draw_points, overlay
from hyperpoint.preprocess.rendering import render_rgb
from hyperpoint.studio.gathering import Gathered, JointClasses
from hyperpoint.studio.listing import SceneEntry
from hyperpoint.studio.naming import safe_name
from hyperpoint.types import ClassTable, LabelArray, PointSet, Scene, UInt8Array

EXPORT_KINDS = ("masks", "confidence", "points", "manifest", "overlays", "coco", "envi", "geotiff")

_NUM_NAMED = 3

# (done, total, name of the scene); the total is 0 where it is not known.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, eq=False)
class Labelled:
    """A scene and what was made of it.

    Attributes
    ----------
    entry, scene
        The scene in the list, and open; only its rgb image and georeference are looked at.
    labels
        (H, W) uint8, 255 = unlabelled, corrections applied.
    confidence
        (H, W) float32 in [0, 1].
    points
        What it was annotated from.
    classes
        Of the labels and the points.
    """

    entry: SceneEntry
    scene: Scene
    labels: LabelArray
    confidence: FloatArray
    points: PointSet
    classes: ClassTable


class Exported(NamedTuple):
    """The files written, and one sentence for each thing that could not be."""

    written: tuple[Path, ...]
    notes: tuple[str, ...]


def export(
    scenes: Iterable[Labelled],
    kinds: Collection[str],
    folder: StrPath,
    progress: Progress | None = None,
    *,
    total: int = 0,
) -> Exported:
    """Write what was made of scenes into a folder.

    All scenes share one class table, `classes.json`: classes of one name are one class, and ids go on from those of the
    table that an earlier export has left in the folder, so that its masks stay right. Manifest and COCO file keep
    scenes that were exported earlier.

    Parameters
    ----------
    scenes
        Taken one by one, so that not all need be in memory.
    kinds
        Of `EXPORT_KINDS`: "masks" masks/NAME.png; "confidence" confidence/NAME.png, 16 bit; "points" points/NAME.csv;
        "overlays" overlays/NAME.png; "manifest" manifest.csv for `hyperpoint train`, and the masks it names; "coco"
        coco.json; "envi" envi/NAME.hdr and .dat; "geotiff" geotiff/NAME.tif for scenes with coordinates.
    folder
        Where to; it is made if need be, and nothing outside of it is written.
    progress
        Called with (done, total, name of the scene).
    total
        How many scenes there are, where `scenes` has no length.

    Raises
    ------
    InputError
        If a kind is unknown, there is no scene, a file to write is one of a scene's own, or cannot be written.
    MissingExtraError
        If GeoTIFF is wanted and rasterio (extra `geo`) is not installed.
    ClassTableError
        If the scenes have more than 255 classes between them.
    """
    wanted = _checked_kinds(kinds)
    make_folder(folder)
    run = _Export(Path(folder).resolve(), wanted)
    total = len(scenes) if isinstance(scenes, Sized) else total
    done = 0
    for done, scene in enumerate(scenes, start=1):
        run.add(scene)
        if progress is not None:
            progress(done, total, scene.entry.key)
    if not done:
        raise InputError("there is no scene to export; label one first")
    return run.finish()


def _checked_kinds(kinds: Collection[str]) -> frozenset[str]:
    unknown = sorted(set(kinds) - set(EXPORT_KINDS))
    if unknown or not kinds:
        said = f"unknown are {', '.join(unknown)}" if unknown else "none is chosen"
        raise InputError(f"what to export is to be chosen among {', '.join(EXPORT_KINDS)}; {said}")
    if "geotiff" in kinds:
        try:
            import rasterio  # noqa: F401
        except ImportError as error:
            raise MissingExtraError("writing GeoTIFF", "rasterio", "geo") from error
    return frozenset(kinds) | ({"masks"} if "manifest" in kinds else set())


class _Export:
    """One export: writes scene by scene, and at the end what gathers them."""

    def __init__(self, folder: Path, kinds: frozenset[str]) -> None:
        self.folder, self.kinds = folder, kinds
        self._written: list[Path] = []
        self._renumbered: list[str] = []
        self._without_place: list[str] = []
        self._classes = JointClasses.of_folder(folder)
        self._gathered = Gathered(folder, kinds)

    def add(self, scene: Labelled) -> None:
        ids = self._join(scene)
        points = PointSet(scene.points.rows, scene.points.cols, ids[scene.points.labels])
        rgb = render_rgb(scene.scene.cube) if scene.scene.rgb is None else scene.scene.rgb
        same = replace(
            scene, scene=scene.scene.with_rgb(rgb), labels=ids[scene.labels], points=points, classes=self._classes.table
        )
        self._write_pictures(same, rgb)
        self._write_labels(same)
        self._gather(same, rgb)

    def finish(self) -> Exported:
        gathered = self._gathered.write(self._classes.table)
        return Exported((self.folder / CLASSES_NAME, *self._written, *gathered), tuple(self._notes()))

    def _notes(self) -> Iterator[str]:
        yield from self._gathered.notes
        if self._renumbered:
            yield (
                f"The classes of {_listed(self._renumbered)} are numbered as in {CLASSES_NAME}, which all scenes of "
                f"the folder share, and not as in the studio."
            )
        if self._without_place:
            yield (
                f"There is no GeoTIFF of {_listed(self._without_place)}: the cube has no coordinates, or was turned or "
                f"moved."
            )

    def _join(self, scene: Labelled) -> LabelArray:
        """Add a scene's classes to the table on disk, before any file that speaks of them; return their ids there."""
        ids = self._classes.add(scene.classes)
        write_classes(self._target(CLASSES_NAME), self._classes.table)
        if ids[: len(scene.classes)].tolist() != list(range(len(scene.classes))):
            self._renumbered.append(scene.entry.key)
        return ids

    def _write_pictures(self, scene: Labelled, rgb: UInt8Array) -> None:
        if "masks" in self.kinds:
            write_mask(self._file(scene, "masks", ".png"), scene.labels, scene.classes)
        if "confidence" in self.kinds:
            write_confidence(self._file(scene, "confidence", ".png"), scene.confidence)
        if "points" in self.kinds:
            write_points(self._file(scene, "points", ".csv"), scene.points, scene.classes)
        if "overlays" in self.kinds:
            picture = draw_points(overlay(rgb, scene.labels, scene.classes), scene.points, scene.classes)
            write_png(self._file(scene, "overlays", ".png"), picture)

    def _write_labels(self, scene: Labelled) -> None:
        place = _georeference(scene.scene)
        if "envi" in self.kinds:
            self._file(scene, "envi", ".dat")
            write_envi_classification(self._file(scene, "envi", ".hdr"), scene.labels, scene.classes, place)
        if "geotiff" in self.kinds and place is not None:
            write_geotiff(self._file(scene, "geotiff", ".tif"), scene.labels, place, scene.classes)
        elif "geotiff" in self.kinds:
            self._without_place.append(scene.entry.key)

    def _gather(self, scene: Labelled, rgb: UInt8Array) -> None:
        if not {"manifest", "coco"} & self.kinds:
            return
        name = safe_name(scene.entry.key)
        self._gathered.add(
            name,
            self._photo(scene, rgb),
            scene.labels,
            self.folder / "masks" / f"{name}.png",
            self.folder / "confidence" / f"{name}.png" if "confidence" in self.kinds else None,
            _plain_cube(scene),
        )

    def _photo(self, scene: Labelled, rgb: UInt8Array) -> Path:
        """Return the file of a scene's rgb image; one that was rendered is written."""
        if scene.entry.rgb is not None and scene.scene.provenance.get("rgb") is not None:
            return scene.entry.rgb
        path = self._file(scene, "images", ".png")
        write_png(path, rgb)
        return path

    def _file(self, scene: Labelled, kind: str, suffix: str) -> Path:
        """Return a file to write of a scene, after making sure that it replaces none of the scene's own."""
        path = self._target(f"{kind}/{safe_name(scene.entry.key)}{suffix}")
        own = {one.resolve() for one in (scene.entry.cube, scene.entry.rgb, scene.entry.truth) if one is not None}
        if scene.scene.cube.path is not None:
            own.add(Path(scene.scene.cube.path).resolve())
        if path.resolve() in own:
            raise InputError(f"{path} is a file of the scene {scene.entry.key} and would be replaced; export elsewhere")
        self._written.append(path)
        return path

    def _target(self, name: str) -> Path:
        """Return a path in the folder; links that lead out of it are refused."""
        path = self.folder / name
        if not path.resolve().is_relative_to(self.folder):
            raise InputError(f"{path} is a link that leads out of the folder to export to; remove it")
        make_folder(path.parent)
        return path


def _georeference(scene: Scene) -> Georeference | None:
    place = scene.cube.georeference
    return None if place is None else rescale(place, scene.cube.shape[:2], scene.size)


def _plain_cube(scene: Labelled) -> tuple[Path, int] | None:
    """Return the cube and the degrees it is turned by; None if it is changed otherwise, which a manifest cannot say."""
    facts = {**scene.scene.provenance, **scene.entry.options}
    if any(facts.get(name) is not None for name in ("bands", "variable", "axes", "white", "dark", "shift")):
        return None
    return (scene.entry.cube, int(facts.get("rotate") or 0)) if scene.entry.cube.exists() else None


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NUM_NAMED])
    return f"{shown} and {len(names) - _NUM_NAMED} more" if len(names) > _NUM_NAMED else shown
