"""The readers of points, shapes, classes, pictures, tables, settings and records."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from hyperpoint.errors import HyperpointError
from hyperpoint.types import ClassTable
from tests.fuzz import containers as pack
from tests.fuzz import cube_files
from tests.fuzz import other_files as files
from tests.fuzz.making import Make, one_of
from tests.fuzz.mutations import mutated
from tests.fuzz.target import Files, Target, only, write_files
from tests.fuzz.values import WORDS, as_json, as_toml, changed

logger = logging.getLogger(__name__)

_CLASSES = ClassTable(("wall", "door", "roof"), ((200, 80, 60), (1, 2, 3), (9, 9, 9)))
Dump = Callable[[Any], bytes]
_ODD_SHARE = 0.003  # they take a hundred times longer


def _texts(name: str, file: str, seeds: list[bytes], read: Callable[[Path], object]) -> Target:
    return Target(name, tuple({file: seed} for seed in seeds), only(file, mutated(seeds, WORDS)), read)


def _values(
    name: str, file: str, seeds: list[Any], read: Callable[[Path], object], dump: Dump, more: Sequence[Any] = ()
) -> Target:
    """Return a target whose inputs are made from valid seeds, and now and then from `more`, which are not valid."""
    usual, odd = _changed_or_mutated(seeds, dump), _changed_or_mutated(list(more), dump) if more else None

    def make(rng: Random) -> bytes:
        return odd(rng) if odd is not None and rng.random() < _ODD_SHARE else usual(rng)

    return Target(name, tuple({file: dump(seed)} for seed in seeds), only(file, make), read)


def _changed_or_mutated(seeds: list[Any], dump: Dump) -> Make[bytes]:
    change = changed(seeds)
    return one_of(lambda rng: dump(change(rng)), mutated([dump(seed) for seed in seeds], WORDS))


def _json(name: str, file: str, seeds: list[Any], read: Callable[[Path], object], more: Sequence[Any] = ()) -> Target:
    return _values(name, file, seeds, read, as_json, more)


def _toml(name: str, file: str, seeds: list[Any], read: Callable[[Path], object]) -> Target:
    return _values(name, file, seeds, read, as_toml)


def _read_points(folder: Path) -> None:
    from hyperpoint.io.points import read_points, write_points

    path = next(folder.iterdir())
    refused: HyperpointError | None = None
    for classes, size in ((None, None), (None, files.SIZE), (_CLASSES, files.SIZE)):
        try:
            points, table = read_points(path, classes, size)
        except HyperpointError as error:
            refused = error
            continue
        assert table is None or len(table) > int(max(points.class_ids, default=-1))
        # What was read can be written.
        write_points(folder / "again.csv", points, table)
    if refused is not None:
        raise refused


def _points_npz() -> Target:
    seed = cube_files.npz(is_compressed=True, **files.points_arrays())
    make = only("p.npz", one_of(mutated([seed]), pack.repacked(seed, pack.unzip, pack.zip_deflated)))
    return Target("points-npz", ({"p.npz": seed},), make, _read_points)


def _read_classes(folder: Path) -> None:
    from hyperpoint.io.classes import read_classes, write_classes

    write_classes(folder / "again.json", read_classes(folder / "c.json"))


def _manifest() -> Target:
    beside = dict.fromkeys(("a.png", "b.png", "m.png", "a.hdr", "c.png"), b"x")
    good = as_json(files.CLASSES)
    text = mutated([files.MANIFEST], (*WORDS, b"a.png", b"train", b"a,val,a.png,,,,"))

    def make(rng: Random) -> Files:
        return {**beside, "m.csv": text(rng), "classes.json": good}

    return Target("manifest-csv", ({**beside, "m.csv": files.MANIFEST, "classes.json": good},), make, _read_manifest)


def _read_manifest(folder: Path) -> None:
    from hyperpoint.io.manifest import read_manifest, write_manifest

    found = read_manifest(folder / "m.csv")
    write_manifest(folder / "again.csv", found.rows, found.classes)


def _read_dataset(folder: Path) -> None:
    from hyperpoint.catalog.dataset import load_dataset

    found = load_dataset(folder / "d.toml")
    try:
        found.scenes(folder, found.splits[0])
    except HyperpointError as error:  # none is there
        logger.debug("%s", error)


def _read_recipe(folder: Path) -> None:
    from hyperpoint.annotation.recipe import get_recipe

    get_recipe(folder / "r.toml").as_dict()


def _read_config(folder: Path) -> None:
    from hyperpoint.segment.config import config_from_toml, make_config

    make_config(config_from_toml(folder / "c.toml")).to_toml()


def _journal() -> Target:
    records = files.journal()

    def written(lines: list[Any]) -> bytes:
        return b"".join(as_json(line) + b"\n" for line in lines) if isinstance(lines, list) else as_json(lines)

    make = only("journal.jsonl", _changed_or_mutated([records], written))
    return Target("journal", ({"journal.jsonl": written(records)},), make, _read_journal)


def _read_journal(folder: Path) -> None:
    from hyperpoint.studio.journal import mend_journal, read_journal

    path = folder / "journal.jsonl"
    found = read_journal(path, files.SIZE)
    found.session.state.corrections  # noqa: B018
    mend_journal(path, found)
    again = read_journal(path, files.SIZE)
    assert not again.damage
    assert not again.torn
    assert again.session.revision == found.session.revision


def _settings() -> Target:
    seeds = {"settings.json": files.SETTINGS, "editor.json": files.EDITOR}
    valid = {name: as_json(seed) for name, seed in seeds.items()}
    makes = {name: _changed_or_mutated([seed], as_json) for name, seed in seeds.items()}

    def make(rng: Random) -> Files:
        name = rng.choice(list(makes))
        return {**valid, name: makes[name](rng)}

    return Target("studio-settings", (valid,), make, _read_settings)


def _read_settings(folder: Path) -> None:
    from hyperpoint.studio.choices import earlier_scene_of, recipe_of, white_of
    from hyperpoint.studio.lease import Lease
    from hyperpoint.studio.store import SceneStore

    store = SceneStore(folder)
    assert store.progress in ("untouched", "in progress", "done")
    recipe_of(store), earlier_scene_of(store), white_of(store)
    Lease(folder).held_elsewhere()


def _record() -> Target:
    inputs = {"c.npy": cube_files.npy(), "a.jpg": files.picture("JPEG"), "p.csv": files.POINTS_CSV, "a.png": b"x"}
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, inputs)
        from hyperpoint.batch.signature import signature_of
        from hyperpoint.io.files import fingerprint

        marks = {"a.png": fingerprint(folder / "a.png")}
        record = {**files.RECORD, "signature": signature_of(_job(folder)), "files": marks}
    path = ".batch/a.json"
    content = _changed_or_mutated([record], as_json)
    return Target(
        "batch-record",
        ({**inputs, path: as_json(record)},),
        lambda rng: {**inputs, path: content(rng)},
        _read_record,
    )


def _job(folder: Path) -> Any:
    from hyperpoint.annotation.recipe import get_recipe
    from hyperpoint.batch.job import SceneJob, Task

    task = Task(get_recipe("paper-svm"), _CLASSES, folder, seed=0, version="1", class_source="")
    return SceneJob("a", "train", folder / "c.npy", folder / "a.jpg", None, folder / "p.csv", 0, task)


def _read_record(folder: Path) -> None:
    from hyperpoint.batch.records import standing_of

    standing = standing_of(_job(folder))
    if standing.result is None:
        raise HyperpointError(standing.reason)
    asdict(standing.result)


def _provenance() -> Target:
    beside = dict.fromkeys(("a.hdr", "a.png", "p.csv", "a.dat"), b"x")
    content = _changed_or_mutated([files.PROVENANCE], as_json)
    return Target(
        "provenance",
        ({**beside, "m.json": as_json(files.PROVENANCE)},),
        lambda rng: {**beside, "m.json": content(rng)},
        _read_provenance,
    )


def _read_provenance(folder: Path) -> None:
    from hyperpoint.catalog.annotated import MaskFile, check_classes, classes_of, cube_of, photo_of
    from hyperpoint.cli.recorded import found_again, recorded_inputs
    from hyperpoint.io.files import read_json
    from hyperpoint.io.manifest import ManifestRow
    from hyperpoint.segment.provenance import describe_labels

    path = folder / "m.json"
    describe_labels([ManifestRow("m", "train", folder / "a.png", folder / "m.png")])
    inputs = recorded_inputs(path)
    for attempt in (lambda: found_again(path, inputs or {}), lambda: None):
        try:
            attempt()
        except HyperpointError as error:
            logger.debug("%s", error)
    record = read_json(path, "provenance", HyperpointError)
    mask = MaskFile(folder / "m.png", None, record if isinstance(record, dict) else None)
    found = cube_of(mask)
    assert found is None or found[1] in (0, 90, 180, 270)
    classes_of([mask])
    check_classes([mask], ClassTable(("wall", "door"), ((0, 0, 0), (1, 1, 1))))
    photo_of(mask)


def _read_library(name: str) -> Callable[[Path], object]:
    from hyperpoint.io.spectral_libraries import read_library, write_library

    def read(folder: Path) -> None:
        library = read_library(folder / name)
        write_library(folder / "again.npz", library)

    return read


def _library_npz() -> Target:
    seed = cube_files.npz(is_compressed=True, **files.library_arrays())
    content = one_of(mutated([seed]), pack.repacked(seed, pack.unzip, pack.zip_deflated, WORDS))
    return Target("library-npz", ({"l.npz": seed},), only("l.npz", content), _read_library("l.npz"))


def _read_reference(folder: Path) -> None:
    from hyperpoint.cube import ArrayCube
    from hyperpoint.preprocess.calibration import reference_from_csv

    cube = ArrayCube(cube_files.values(), cube_files.NM)
    assert reference_from_csv(folder / "w.csv", cube).shape == (1, 5)


def _read_metrics(folder: Path) -> None:
    from hyperpoint.segment.history import read_metrics
    from hyperpoint.segment.run_folder import RunFolder

    read_metrics(RunFolder(folder))


def _axes() -> Target:
    seeds = [b"r c b", b"b (c=4 r=3)", b"(r c) b"]
    words = (
        b"(",
        b")",
        b"=",
        b"r",
        b"c",
        b"b",
        b"=0",
        b"=99999999999999999999",
        b"=" + b"9" * 5000,
        b" ",
        "²".encode(),
        "\u0663".encode(),
    )

    def read(folder: Path) -> None:
        from hyperpoint.io.cubes import open_cube
        from tests.fuzz.target import read_some

        text = (folder / "axes.txt").read_bytes().decode("latin-1")
        refused: HyperpointError | None = None
        for name in ("c.npy", "m.npy"):
            try:
                read_some(open_cube(folder / name, axes=text))
            except HyperpointError as error:
                refused = error
        if refused is not None and "(" not in text:
            raise refused

    arrays = {"c.npy": cube_files.npy(), "m.npy": cube_files.npy(cube_files.values().reshape(12, 5).T)}
    text = mutated(seeds, words)
    return Target(
        "axes", ({**arrays, "axes.txt": b"b (c=4 r=3)"},), lambda rng: {**arrays, "axes.txt": text(rng)}, read
    )


def _bundle() -> Target:
    seed = files.bundle()

    def read(folder: Path) -> None:
        from hyperpoint.segment.bundle import ModelBundle

        ModelBundle.load(folder)

    name = "model.safetensors"
    return Target("model", ({name: seed},), only(name, mutated([seed], WORDS)), read)


def _checkpoint() -> Target:
    content = {"global_step": 7, "callbacks": {"LastCheckpoint": {"signature": {"images": "ab"}}}}
    seed = cube_files.pt(content)

    def read(folder: Path) -> None:
        from hyperpoint.segment.resuming import checkpoint_step

        checkpoint_step(folder / "last.ckpt", folder / "m.csv", {"images": "ab"})

    make = only("last.ckpt", one_of(mutated([seed]), pack.repacked(seed, pack.unzip, pack.zip_stored)))
    return Target("checkpoint", ({"last.ckpt": seed},), make, read)


def _pictures() -> Target:
    packed = [files.picture("PNG", mode) for mode in ("RGB", "P", "L", "I;16", "LA", "1")]
    others = [
        *(files.picture("TIFF", mode) for mode in ("RGB", "L", "P", "I;16")),
        files.picture("TIFF", "L", compression="tiff_lzw"), files.picture("TIFF", "L", compression="tiff_deflate"),
        files.picture("BMP", "RGB"), files.picture("BMP", "P"), files.picture("JPEG"), files.picture("GIF", "P"),
    ]  # fmt: skip
    inside = [pack.repacked(seed, pack.png_chunks, pack.png_of) for seed in packed]
    valid = tuple({"p.png": seed} for seed in [*packed, *others])
    return Target("picture", valid, only("p.png", one_of(mutated(packed), mutated(others), *inside)), _read_picture)


def _read_picture(folder: Path) -> None:
    from hyperpoint.io.images import picture_size, read_rgb
    from hyperpoint.io.masks import read_confidence, read_mask

    path = folder / "p.png"
    refused: list[HyperpointError] = []
    for attempt in (picture_size, read_rgb, read_confidence, lambda file: read_mask(file, _CLASSES)):
        try:
            attempt(path)
        except HyperpointError as error:
            refused.append(error)
    if len(refused) > 2:  # a confidence is no mask, and most pictures are neither
        raise refused[1]


# How each is made; cheap ones first.
OTHER_TARGETS: dict[str, Callable[[], Target]] = {
    "points-csv": lambda: _texts("points-csv", "p.csv", [files.POINTS_CSV, files.POINTS_WITH_IDS], _read_points),
    "points-npz": _points_npz,
    "geojson": lambda: _json("geojson", "p.json", [files.GEOJSON], _read_points, files.HUGE_SHAPES),
    "labelme": lambda: _json("labelme", "p.json", [files.LABELME], _read_points, [files.HUGE_LABELME]),
    "coco": lambda: _json("coco", "p.json", [files.COCO], _read_points, [files.HUGE_COCO]),
    "classes-json": lambda: _json("classes-json", "c.json", [files.CLASSES], _read_classes),
    "manifest-csv": _manifest,
    "dataset-toml": lambda: _toml("dataset-toml", "d.toml", [files.DATASET], _read_dataset),
    "recipe-toml": lambda: _toml("recipe-toml", "r.toml", files.RECIPES, _read_recipe),
    "config-toml": lambda: _toml("config-toml", "c.toml", [files.CONFIG], _read_config),
    "provenance": _provenance,
    "journal": _journal,
    "studio-settings": _settings,
    "batch-record": _record,
    "library-csv": lambda: _texts("library-csv", "l.csv", [files.LIBRARY_CSV], _read_library("l.csv")),
    "library-npz": _library_npz,
    "reference-csv": lambda: _texts("reference-csv", "w.csv", [files.REFERENCE_CSV, b"0.5\n" * 5], _read_reference),
    "metrics-csv": lambda: _texts("metrics-csv", "metrics.csv", [files.METRICS_CSV], _read_metrics),
    "axes": _axes,
    "picture": _pictures,
    "model": _bundle,
    "checkpoint": _checkpoint,
}
