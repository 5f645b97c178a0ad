from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hyperpoint.errors import HyperpointError, InputError
from hyperpoint.io.images import read_rgb, write_png
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.segment.inputs import InputSpec, Standardisation, imagenet_standardisation, read_image
from hyperpoint.segment.standardisation import IMAGENET_MEAN

BANDS = 5


def make_row(folder: Path, name: str = "1", factor: int = 1, bands: int = BANDS) -> ManifestRow:
    """A row with a cube of 12 x 8 pixels that lies on its side, and an image `factor` times as fine."""
    rng = np.random.default_rng(len(name))
    np.save(folder / f"{name}.npy", rng.normal(3, 2, (12, 8, bands)).astype(np.float32))
    write_png(folder / f"{name}.png", rng.integers(0, 255, (8 * factor, 12 * factor, 3), dtype=np.uint8))
    return ManifestRow(name, "train", folder / f"{name}.png", None, folder / f"{name}.npy", rotate=90)


@pytest.mark.parametrize(("text", "kind", "num"), [("rgb", "rgb", None), ("cube", "cube", None), ("pca:3", "pca", 3)])
def test_texts_are_parsed(text: str, kind: str, num: int | None) -> None:
    spec = InputSpec.parse(text)
    assert (spec.kind, spec.num_components, str(spec)) == (kind, num, text)


@pytest.mark.parametrize("text", ["", "RGB", "pca", "pca:0", "pca:-1", "pca:x", "hsi"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="rgb, cube or pca:N"):
        InputSpec.parse(text)


def test_rgb_is_read_and_standardised_as_imagenet(tmp_path: Path) -> None:
    row = make_row(tmp_path)
    spec = InputSpec("rgb")
    raw = spec.read(row)
    np.testing.assert_array_equal(raw, read_rgb(row.image))
    assert raw.dtype == np.float32
    standardised = spec.read_standardised(row, spec.fit([row]))
    np.testing.assert_allclose(standardised * imagenet_standardisation().std + IMAGENET_MEAN, raw, atol=1e-3)


def test_a_cube_is_turned_and_read_on_the_grid_of_the_image(tmp_path: Path) -> None:
    row = make_row(tmp_path, factor=3)
    cube = np.rot90(np.load(tmp_path / "1.npy"))
    values = InputSpec("cube").read(row)
    assert values.shape == (24, 36, BANDS)
    np.testing.assert_array_equal(values, cube.repeat(3, axis=0).repeat(3, axis=1))


@pytest.mark.parametrize("text", ["rgb", "cube", "pca:2"])
def test_reading_standardised_is_reading_then_standardising(tmp_path: Path, text: str) -> None:
    row, spec = make_row(tmp_path, factor=2), InputSpec.parse(text)
    standardisation = spec.fit([row])
    both = spec.read_standardised(row, standardisation)
    np.testing.assert_allclose(both, standardisation.apply(spec.read(row)), atol=1e-5)
    assert both.shape == (16, 24, standardisation.num_channels)


@pytest.mark.parametrize("text", ["cube", "pca:2", "pca:5"])
def test_what_is_fitted_makes_channels_of_mean_0_and_variance_1(tmp_path: Path, text: str) -> None:
    spec = InputSpec.parse(text)
    rows = [make_row(tmp_path, "1"), make_row(tmp_path, "22")]
    standardisation = spec.fit(rows)
    values = np.concatenate([spec.read_standardised(row, standardisation).reshape(96, -1) for row in rows])
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(values.std(axis=0), 1, atol=1e-4)


def test_components_are_those_of_an_independent_library(tmp_path: Path) -> None:
    from sklearn.decomposition import PCA

    rng = np.random.default_rng(0)
    cube = (rng.normal(size=(20, 20, 3)) @ rng.normal(size=(3, 6))).astype(np.float32)
    np.save(tmp_path / "c.npy", cube)
    write_png(tmp_path / "c.png", np.zeros((20, 20, 3), np.uint8))
    row = ManifestRow("c", "train", tmp_path / "c.png", None, tmp_path / "c.npy")
    ours = InputSpec("pca", 2).read_standardised(row, InputSpec("pca", 2).fit([row])).reshape(-1, 2)
    theirs = PCA(2, whiten=True, svd_solver="full").fit_transform(cube.reshape(-1, 6))
    assert np.abs((ours * theirs).mean(axis=0)) == pytest.approx(1, abs=0.01)
    with pytest.raises(InputError, match="pca:4 asks for more components"):
        InputSpec("pca", 4).fit([row])


def test_missing_and_saturated_values_count_as_the_mean(tmp_path: Path) -> None:
    row = make_row(tmp_path)
    cube = np.load(tmp_path / "1.npy")
    cube[0, 0, 1], cube[1, 1, 2], cube[..., 4] = np.nan, np.inf, np.nan
    np.save(tmp_path / "1.npy", cube)
    standardisation = InputSpec("cube").fit([row])
    assert (standardisation.mean[4], standardisation.std[4]) == (0, 1)
    values = np.rot90(InputSpec("cube").read_standardised(row, standardisation), -1)
    assert np.isfinite(values).all()
    assert (values[0, 0, 1], values[1, 1, 2]) == (0, 0)
    assert not values[..., 4].any()
    assert np.isfinite(InputSpec("pca", 2).fit([row]).apply(cube)).all()


@pytest.mark.parametrize("text", ["cube", "pca:2"])
def test_a_standardisation_survives_json(tmp_path: Path, text: str) -> None:
    row, spec = make_row(tmp_path), InputSpec.parse(text)
    before = spec.fit([row])
    after = Standardisation.from_dict(json.loads(json.dumps(before.to_dict())))
    np.testing.assert_array_equal(spec.read_standardised(row, after), spec.read_standardised(row, before))


def test_a_standardisation_beyond_float32_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        Standardisation.from_dict({"mean": [1e300], "std": [1.0]})


def test_a_recorded_white_reference_is_used(tmp_path: Path) -> None:
    folder = tmp_path / "scene" / "capture"
    folder.mkdir(parents=True)
    for name, level in (("scene", 60), ("WHITEREF_scene", 110), ("DARKREF_scene", 10)):
        (folder / f"{name}.raw").write_bytes(np.full(4 * 6 * 3, level, "<u2").tobytes())
        (folder / f"{name}.hdr").write_text(
            "ENVI\nsamples = 6\nlines = 4\nbands = 3\ndata type = 12\ninterleave = bip\nbyte order = 0\n"
        )
    write_png(tmp_path / "a.png", np.zeros((4, 6, 3), np.uint8))
    values = InputSpec("cube").read(ManifestRow("a", "train", tmp_path / "a.png", None, tmp_path / "scene"))
    np.testing.assert_allclose(values, 0.5)


def test_radiance_is_not_told_of_file_by_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    row = make_row(tmp_path)
    (tmp_path / "r.dat").write_bytes(np.ones((8, 12, 3), "<f4").tobytes())
    (tmp_path / "r.hdr").write_text(
        "ENVI\nsamples = 12\nlines = 8\nbands = 3\ndata type = 4\ninterleave = bip\nbyte order = 0\n"
        "data units = radiance\n"
    )
    InputSpec("cube").read(ManifestRow("r", "train", row.image, None, tmp_path / "r.hdr"))
    assert not caplog.messages


def test_what_does_not_fit_is_told(tmp_path: Path) -> None:
    row = make_row(tmp_path)
    other = make_row(tmp_path, "22", bands=4)
    cube = InputSpec("cube")
    with pytest.raises(InputError, match=r"has 4 bands, .* has 5; a network takes cubes of one camera"):
        cube.fit([row, other])
    with pytest.raises(InputError, match=r"was trained on 5 channels .* but the input has 4"):
        cube.read_standardised(other, cube.fit([row]))
    with pytest.raises(InputError, match="the input pca:3 needs cubes, but 'x' has none"):
        InputSpec("pca", 3).check(ManifestRow("x", "train", row.image, None))
    with pytest.raises(HyperpointError, match="does not fit the cube"):
        cube.check(ManifestRow("x", "train", row.image, None, row.cube))
    with pytest.raises(InputError, match="no training image"):
        cube.fit([])


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "grey.png", "palette.png", "deep.png", "a.tif"])
def test_the_fast_reader_agrees_with_the_careful_one(tmp_path: Path, name: str) -> None:
    rng = np.random.default_rng(0)
    colours = Image.fromarray(rng.integers(0, 255, (20, 30, 3), dtype=np.uint8))
    image = {"grey.png": colours.convert("L"), "palette.png": colours.convert("P")}.get(name, colours)
    if name == "deep.png":
        image = Image.fromarray(rng.integers(0, 65535, (20, 30), dtype=np.uint16))
    image.save(tmp_path / name)
    fast = read_image(tmp_path / name)
    assert (fast.shape, str(fast.dtype)) == ((20, 30, 3), "uint8")
    np.testing.assert_allclose(fast.astype(int), read_rgb(tmp_path / name), atol=2 if name == "a.jpg" else 0)


def test_an_exif_orientation_is_not_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 20)).save(tmp_path / "a.jpg", exif=exif)
    assert read_image(tmp_path / "a.jpg").shape == (20, 30, 3)


def test_a_file_that_is_no_picture_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"junk")
    with pytest.raises(InputError, match="no picture"):
        read_image(tmp_path / "a.png")
