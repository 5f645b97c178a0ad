"""Opening scenes: the options act in the right order and on the right grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hyperpoint.errors import InputError, MissingFileError
from hyperpoint.io.images import write_png
from hyperpoint.opening import open_scene


@pytest.fixture
def reflectance() -> np.ndarray:
    return np.random.default_rng(0).uniform(0.1, 0.9, (6, 8, 5)).astype(np.float32)


def saved(folder: Path, values: np.ndarray, name: str = "cube.npy") -> Path:
    np.save(folder / name, values)
    return folder / name


def test_plain(tmp_path: Path, reflectance: np.ndarray) -> None:
    scene = open_scene(saved(tmp_path, reflectance))
    np.testing.assert_array_equal(scene.cube.read(), reflectance)
    assert scene.rgb is None
    assert scene.provenance["format"] == "numpy"


def test_turned_to_match_the_rgb(tmp_path: Path, reflectance: np.ndarray) -> None:
    write_png(tmp_path / "rgb.png", np.zeros((16, 12, 3), np.uint8))
    path = saved(tmp_path, reflectance)
    scene = open_scene(path, tmp_path / "rgb.png", rotate=270)
    np.testing.assert_array_equal(scene.cube.read(), np.rot90(reflectance, 3))
    assert scene.size == (16, 12)
    with pytest.raises(InputError, match="rgb image of 16 x 12 pixels does not fit the cube of 6 x 8"):
        open_scene(path, tmp_path / "rgb.png")
    with pytest.raises(InputError, match="0, 90, 180 or 270"):
        open_scene(path, rotate=45)


def with_panel(reflectance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Radiance under coloured light, with a white panel at rows 1..2, columns 3..5."""
    light = np.array([10, 20, 30, 40, 50], dtype=np.float32)
    reflectance = reflectance.copy()
    reflectance[1:3, 3:6] = 1
    return reflectance, reflectance * light


@pytest.mark.parametrize("kind", ["rectangle", "mask file", "mask", "spectrum"])
def test_white_reference(tmp_path: Path, reflectance: np.ndarray, kind: str) -> None:
    expected, radiance = with_panel(reflectance)
    mask = np.zeros((6, 8), np.uint8)
    mask[1:3, 3:6] = 255
    write_png(tmp_path / "panel.png", mask)
    (tmp_path / "white.csv").write_text("10\n20\n30\n40\n50\n")
    references = {
        "rectangle": "1,3,3,6",
        "mask file": tmp_path / "panel.png",
        "mask": mask > 0,
        "spectrum": tmp_path / "white.csv",
    }
    scene = open_scene(saved(tmp_path, radiance), white=references[kind])  # type: ignore[arg-type]
    np.testing.assert_allclose(scene.cube.read(), expected, rtol=1e-5)


def test_panel_is_given_on_the_turned_and_finer_rgb_grid(tmp_path: Path, reflectance: np.ndarray) -> None:
    expected, radiance = with_panel(reflectance)
    mask = np.rot90(np.kron(np.pad(np.ones((2, 3)), ((1, 3), (3, 2))), np.ones((2, 2))), 3) > 0
    rgb = np.zeros((16, 12, 3), np.uint8)
    scene = open_scene(saved(tmp_path, radiance), rgb, rotate=270, white=mask)
    np.testing.assert_allclose(scene.cube.read(), np.rot90(expected, 3), rtol=1e-5)


def test_recorded_references_per_column(tmp_path: Path, reflectance: np.ndarray) -> None:
    rng = np.random.default_rng(1)
    white, dark = rng.uniform(80, 100, (3, 8, 5)).astype(np.float32), rng.uniform(1, 2, (2, 8, 5)).astype(np.float32)
    white[:], dark[:] = white[0], dark[0]
    raw = reflectance * (white[0] - dark[0]) + dark[0]
    scene = open_scene(saved(tmp_path, raw), white=saved(tmp_path, white, "w.npy"), dark=saved(tmp_path, dark, "d.npy"))
    np.testing.assert_allclose(scene.cube.read(), reflectance, rtol=1e-4)


@pytest.mark.parametrize("white", ["3,3,1,6", "0,0,99,2", "-1,0,2,2"])
def test_rectangle_outside(tmp_path: Path, reflectance: np.ndarray, white: str) -> None:
    with pytest.raises(InputError, match="r0 < r1 <= 6"):
        open_scene(saved(tmp_path, reflectance), white=white)


def test_dark_alone_and_a_mask_of_another_size(tmp_path: Path, reflectance: np.ndarray) -> None:
    path = saved(tmp_path, reflectance)
    with pytest.raises(InputError, match="together with a white one"):
        open_scene(path, dark=path)
    with pytest.raises(InputError, match="mask of the white panel is 3 x 3"):
        open_scene(path, white=np.ones((3, 3), dtype=bool))


def test_bands_by_wavelength(tmp_path: Path, reflectance: np.ndarray) -> None:
    np.savez(tmp_path / "cube.npz", cube=reflectance, wavelengths=np.array([400.0, 500, 600, 700, 800]))
    scene = open_scene(tmp_path / "cube.npz", bands="450:720")
    assert scene.wavelengths is not None
    assert scene.wavelengths.tolist() == [500, 600, 700]
    np.testing.assert_array_equal(scene.cube.read(), reflectance[..., 1:4])


def test_aligned(tmp_path: Path) -> None:
    import cv2

    noise = np.random.default_rng(0).random((128, 128), dtype=np.float32)
    grey = cv2.GaussianBlur(noise, (0, 0), 3)
    grey = (grey - grey.min()) / (grey.max() - grey.min())
    rgb = np.repeat((np.roll(grey, (4, -3), (0, 1)) * 255).astype(np.uint8)[..., None], 3, axis=2)
    path = saved(tmp_path, np.repeat(grey[..., None], 6, axis=2))
    scene = open_scene(path, rgb, align=True)
    assert {key: scene.provenance["shift"][key] for key in ("down", "right")} == {"down": 4, "right": -3}
    np.testing.assert_allclose(scene.cube.read()[20, 20], grey[16, 23])
    with pytest.raises(InputError, match="none is given"):
        open_scene(path, align=True)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        open_scene(tmp_path / "none.hdr")


def test_radiance_without_a_white_reference_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    from hyperpoint.synth import synthesise

    synthesise(tmp_path, "hsicity2", 2, (64, 64), 0)
    for _ in range(2):
        open_scene(tmp_path / "train" / "0001.hsd")
    assert caplog.text.count("holds radiance and no white reference") == 1
