from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hyperpoint.catalog.dataset import load_dataset
from hyperpoint.errors import InputError
from hyperpoint.synth import synthesise
from hyperpoint.synth.synthesis import record_facade, record_street, split_sizes
from hyperpoint.types import IGNORE

SIZE = (64, 80)


@pytest.fixture(scope="module")
def facades(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("facades")
    synthesise(root, "lib-hsi", 3, SIZE, seed=5)
    return root


@pytest.fixture(scope="module")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("streets")
    synthesise(root, "hsicity2", 2, SIZE, seed=5)
    return root


def read_bil(header: Path) -> np.ndarray:
    fields = dict(line.split(" = ", 1) for line in header.read_text(encoding="ascii").splitlines() if " = " in line)
    lines, samples, bands = (int(fields[key]) for key in ("lines", "samples", "bands"))
    assert (fields["interleave"], fields["data type"], fields["byte order"]) == ("bil", "4", "0")
    values = np.fromfile(header.with_suffix(".dat"), dtype="<f4").reshape(lines, bands, samples)
    return values.transpose(0, 2, 1)


def digests(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def similarity(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_facades_lie_as_lib_hsi_does(facades: Path, split: str) -> None:
    dataset = load_dataset("lib-hsi")
    (scene,) = dataset.scenes(facades, split)
    assert scene.cube.with_suffix(".dat").stat().st_size == 4 * 204 * SIZE[0] * SIZE[1]
    with Image.open(scene.rgb) as photo, Image.open(scene.label) as labels:
        assert (photo.mode, labels.mode) == ("RGB", "RGB")
        assert photo.size == labels.size == (SIZE[1], SIZE[0])
    truth = dataset.truth(scene).labels  # raises if a colour is not exactly that of a class
    assert len(np.unique(truth[truth != IGNORE])) >= 8
    assert dataset.white_reference in truth


def test_a_facade_cube_must_be_turned_to_match_its_photo(facades: Path) -> None:
    dataset = load_dataset("lib-hsi")
    (scene,) = dataset.scenes(facades, "train")
    stored = read_bil(scene.cube)
    assert stored.shape == (SIZE[1], SIZE[0], 204)
    photo = np.asarray(Image.open(scene.rgb), dtype=float)[:, :, 1]
    turns = {turn: np.rot90(stored[:, :, 50], turn) for turn in range(4)}
    assert similarity(turns[dataset.rotate // 90] ** 0.45, photo) > 0.95
    assert abs(similarity(turns[1] ** 0.45, photo)) < 0.7


def test_the_white_panel_of_a_facade_is_near_one(facades: Path) -> None:
    dataset = load_dataset("lib-hsi")
    (scene,) = dataset.scenes(facades, "train")
    cube = np.rot90(read_bil(scene.cube), 3)
    panel = cube[dataset.truth(scene).labels == dataset.white_reference]
    assert np.median(panel[:, 20:180]) == pytest.approx(0.96, abs=0.04)


def test_the_label_info_lists_classes_and_colours(facades: Path) -> None:
    items = json.loads((facades / "label_info.json").read_text(encoding="utf-8"))["items"]
    assert len(items) == 45
    assert items[0] == {"name": "Whiteboard", "color_hex_code": "#c7c5bd", "class_group": 0}
    assert (items[44]["name"], items[44]["color_hex_code"]) == ("Unknown", "#000000")


@pytest.mark.parametrize("split", ["train", "test"])
def test_streets_lie_as_hsicity2_does(streets: Path, split: str) -> None:
    dataset = load_dataset("hsicity2")
    (scene,) = dataset.scenes(streets, split)
    raw = scene.cube.read_bytes()
    rows, cols, bands, components, start = np.frombuffer(raw[:20], dtype="<i4").tolist()
    assert (rows, cols, bands, start) == (*SIZE, 128, 450)
    assert np.frombuffer(raw[20:24], dtype="<f4")[0] == pytest.approx(500 / 127)
    assert np.frombuffer(raw[24:28], dtype="<i4")[0] == 950
    assert len(raw) == 28 + 4 * (bands + components * bands + rows * cols * components)
    with Image.open(scene.rgb) as photo, Image.open(scene.label) as labels:
        assert (photo.format, labels.mode) == ("JPEG", "L")
    truth = dataset.truth(scene).labels
    assert set(np.unique(truth)) <= {*range(19), IGNORE}
    assert len(np.unique(truth)) >= 8


def test_the_factors_of_a_street_give_its_photo_and_are_small(streets: Path) -> None:
    (scene,) = load_dataset("hsicity2").scenes(streets, "train")
    values = np.fromfile(scene.cube, dtype="<f4", offset=28)
    bands, components = 128, int(np.fromfile(scene.cube, dtype="<i4", count=4)[3])
    mean, rest = values[:bands], values[bands:]
    coefficients = rest[: components * bands].reshape(components, bands)
    scores = rest[components * bands :].reshape(-1, components)
    cube = (scores @ coefficients + mean).reshape(*SIZE, bands)
    photo = np.asarray(Image.open(scene.rgb), dtype=float)[:, :, 1]
    assert similarity(np.clip(cube[:, :, 25], 0, None) ** 0.45, photo) > 0.9
    assert 0.001 < np.median(cube) < 0.1


@pytest.mark.parametrize("layout", ["lib-hsi", "hsicity2"])
def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path: Path, layout: str) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        synthesise(tmp_path / name, layout, 3, (40, 40), seed)
    first, again, other = (digests(tmp_path / name) for name in "abc")
    assert first == again
    assert first.keys() == other.keys()
    changed = {name for name in first if first[name] != other[name]}
    assert len(changed) >= len(first) - 4  # headers and the class list do not depend on the seed


def test_scenes_of_a_seed_differ_and_do_not_depend_on_how_many_there_are(tmp_path: Path) -> None:
    few = synthesise(tmp_path / "few", "lib-hsi", 3, (40, 40), 1)
    many = synthesise(tmp_path / "many", "lib-hsi", 5, (40, 40), 1)
    assert few[0].rgb.read_bytes() == many[0].rgb.read_bytes()
    assert len({scene.rgb.read_bytes() for scene in many}) == 5


@pytest.mark.parametrize(("num", "expected"), [(3, (1, 1, 1)), (6, (4, 1, 1)), (20, (14, 3, 3)), (100, (70, 15, 15))])
def test_scenes_are_split_70_15_15(num: int, expected: tuple[int, int, int]) -> None:
    assert tuple(split_sizes(load_dataset("lib-hsi"), num).values()) == expected


def test_without_a_validation_split_the_rest_is_train() -> None:
    assert split_sizes(load_dataset("hsicity2"), 20) == {"train": 17, "test": 3}


def test_progress_is_told_and_nothing_temporary_is_left(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    written = synthesise(tmp_path, "hsicity2", 3, (32, 48), progress=lambda *news: told.append(news))
    assert told == [(1, 3, "train/0001"), (2, 3, "train/0002"), (3, 3, "test/0003")]
    assert [scene.split for scene in written] == ["train", "train", "test"]
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".")]


@pytest.mark.parametrize(
    ("layout", "num", "size", "message"),
    [
        ("cityscapes", 3, None, "unknown layout 'cityscapes'; known are lib-hsi, hsicity2"),
        ("lib-hsi", 2, None, "ask for at least 3"),
        ("hsicity2", 1, None, "ask for at least 2"),
        ("lib-hsi", 3, (16, 64), "got 16 x 64"),
        ("lib-hsi", 3, (64, 9000), "got 64 x 9000"),
    ],
)
def test_bad_requests_are_refused_before_anything_is_written(
    tmp_path: Path, layout: str, num: int, size: tuple[int, int] | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        synthesise(tmp_path / "out", layout, num, size)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("layout", "least"), [("lib-hsi", 27), ("hsicity2", 15)])
def test_scenes_are_complete_and_show_most_classes(layout: str, least: int) -> None:
    dataset = load_dataset(layout)
    record = record_facade if layout == "lib-hsi" else record_street
    seen: set[int] = set()
    for number in range(16):
        scene = record(dataset, (48, 56), np.random.default_rng([number, 1]))
        assert np.isfinite(scene.cube).all()
        assert IGNORE not in scene.labels
        assert len(np.unique(scene.labels)) >= 8
        seen |= set(np.unique(scene.labels).tolist())
    assert len(seen) >= least


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["lib-hsi", "hsicity2"])
def test_spectra_tell_classes_apart_that_colours_cannot(layout: str) -> None:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import LinearSVC

    dataset = load_dataset(layout)
    record = record_facade if layout == "lib-hsi" else record_street
    scores = {"hsi": [], "rgb": []}  # type: dict[str, list[float]]
    for number in range(3):
        rng = np.random.default_rng([number, 7])
        scene = record(dataset, (200, 220), rng)
        rows, cols = rng.integers(0, 200, 320), rng.integers(0, 220, 320)
        for name, image in (("hsi", scene.cube), ("rgb", scene.rgb.astype(np.float32))):
            model = make_pipeline(
                StandardScaler(), LinearSVC(C=0.5, class_weight="balanced", max_iter=20_000, tol=0.01)
            )
            model.fit(image[rows, cols], scene.labels[rows, cols])
            scores[name].append(
                float(np.mean(model.predict(image.reshape(-1, image.shape[2])) == scene.labels.ravel()))
            )
    assert np.mean(scores["hsi"]) > np.mean(scores["rgb"]) + 0.15
    assert np.mean(scores["hsi"]) < 0.99
