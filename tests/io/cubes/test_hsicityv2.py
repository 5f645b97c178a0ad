"""HSICityV2 scenes: scores, coefficients and average, in both forms of file."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hyperpoint.cube import usable_pixels
from hyperpoint.errors import CubeFormatError, MissingExtraError
from hyperpoint.io.cubes import open_cube
from hyperpoint.io.cubes.hsicityv2 import FactoredCube
from hyperpoint.preprocess.rendering import render_rgb

H, W, BANDS, D = 6, 5, 8, 3


class Factors:
    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.average = rng.random(BANDS).astype("<f4")
        self.coefficients = rng.standard_normal((D, BANDS)).astype("<f4")
        self.scores = rng.standard_normal((H, W, D)).astype("<f4")

    @property
    def cube(self) -> NDArray[np.float32]:
        return np.asarray(self.scores @ self.coefficients + self.average)

    def write(self, folder: Path, start: int = 450, step: float = 500 / 7, end: int = 950) -> Path:
        header = struct.pack("<5ifi", H, W, BANDS, D, start, step, end)
        parts = (self.average, self.coefficients, self.scores)
        (folder / "1.hsd").write_bytes(header + b"".join(part.tobytes() for part in parts))
        return folder / "1.hsd"


@pytest.fixture
def factors() -> Factors:
    return Factors()


def _open(path: Path) -> FactoredCube:
    cube = open_cube(path)
    assert isinstance(cube, FactoredCube)
    return cube


def test_reconstructs_blocks_and_points(tmp_path: Path, factors: Factors) -> None:
    cube = _open(factors.write(tmp_path))
    np.testing.assert_allclose(cube.read(), factors.cube, rtol=1e-5, atol=1e-6)
    assert cube.read().min() < 0  # negatives are kept
    rows, cols = np.array([5, 0, 5]), np.array([4, 0, 4])
    np.testing.assert_allclose(cube.pixels(rows, cols), factors.cube[rows, cols], rtol=1e-5, atol=1e-6)


def test_factors_are_exposed_read_only(tmp_path: Path, factors: Factors) -> None:
    cube = _open(factors.write(tmp_path))
    np.testing.assert_array_equal(cube.coefficients, factors.coefficients)
    np.testing.assert_array_equal(cube.average, factors.average)
    for part in (cube.coefficients, cube.average):
        with pytest.raises(ValueError, match="read-only"):
            part[0] = 0
    for block in cube.score_blocks():
        np.testing.assert_array_equal(block.values, factors.scores[block.rows, block.cols])


def test_blocks_are_small_whatever_the_number_of_components(
    tmp_path: Path, factors: Factors, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("hyperpoint.cube", "hyperpoint.io.cubes._tiles"):
        monkeypatch.setattr(f"{module}.BLOCK_BYTES", 4 * W * BANDS)
    cube = _open(factors.write(tmp_path))
    blocks = list(cube.blocks())
    assert [block.rows for block in blocks] == [slice(row, row + 1) for row in range(H)]
    assert len(list(cube.score_blocks())) == 3
    np.testing.assert_allclose(np.concatenate([b.values for b in blocks]), factors.cube, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("damage", [np.nan, np.inf, 1e38])
def test_damaged_scores_leave_the_others_usable(
    tmp_path: Path, factors: Factors, damage: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyperpoint.cube.BLOCK_BYTES", 4 * BANDS)  # what is in doubt is reconstructed one by one
    factors.scores[1, 2, 0] = damage
    factors.scores[3, 1] = -100 * factors.coefficients.sum(axis=1)
    cube = _open(factors.write(tmp_path))
    expected = usable_pixels(cube.read())
    assert 0 < (~expected).sum() < expected.size
    for block in cube.score_blocks():
        np.testing.assert_array_equal(cube.usable_scores(block.values), expected[block.rows, block.cols])


def test_a_flat_scene_is_rendered(tmp_path: Path, factors: Factors) -> None:
    factors.coefficients[:] = 0
    cube = _open(factors.write(tmp_path))
    assert len(np.unique(render_rgb(cube).reshape(-1, 3), axis=0)) == 1


@pytest.mark.parametrize(
    ("start", "step", "end", "ends"),
    [
        (450, 500 / 7, 950, (450, 950)),
        (450, 62.5, 950, (450, 887.5)),  # the end is not included
        (450, 1.0, 950, (450, 950)),  # the step does not lead there
        (450, float("nan"), 950, (450, 950)),
        (0, 0.0, 0, None),
    ],
)
def test_wavelengths(
    tmp_path: Path, factors: Factors, start: int, step: float, end: int, ends: tuple[float, float] | None
) -> None:
    wavelengths = open_cube(factors.write(tmp_path, start, step, end)).wavelengths
    assert (wavelengths is None) == (ends is None)
    if wavelengths is not None and ends is not None:
        assert len(wavelengths) == BANDS
        np.testing.assert_allclose(wavelengths[[0, -1]], ends, atol=1e-3)


@pytest.mark.parametrize("length", [0, 20, 100])
def test_truncated(tmp_path: Path, factors: Factors, length: int) -> None:
    path = factors.write(tmp_path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(CubeFormatError, match=f"truncated.*(it has|and it has) {length}"):
        open_cube(path)


def test_header_that_lies(tmp_path: Path) -> None:
    (tmp_path / "1.hsd").write_bytes(struct.pack("<5ifi", 2**31 - 1, 2**31 - 1, 128, 40, 450, 4.0, 950) + bytes(99))
    with pytest.raises(CubeFormatError, match="and it has 127"):
        open_cube(tmp_path / "1.hsd")
    (tmp_path / "1.hsd").write_bytes(struct.pack("<5ifi", 2, -1, 128, 40, 450, 4.0, 950) + bytes(99))
    with pytest.raises(CubeFormatError, match="all must be positive"):
        open_cube(tmp_path / "1.hsd")


def _save_pt(folder: Path, factors: Factors, **change: Any) -> Path:
    torch = pytest.importorskip("torch")
    fields: dict[str, Any] = {
        "height": H,
        "width": W,
        "SR": BANDS,
        "average": torch.from_numpy(factors.average),
        "coeff": torch.from_numpy(factors.coefficients),
        "scoredata": torch.from_numpy(factors.scores.reshape(-1, D)),
    }
    old = change.pop("old_format", False)
    torch.save(fields | change, folder / "1.pt", _use_new_zipfile_serialization=not old)
    return folder / "1.pt"


@pytest.mark.slow
class TestTorchForm:
    @pytest.mark.parametrize("old_format", [False, True])
    def test_same_cube(self, tmp_path: Path, factors: Factors, old_format: bool) -> None:
        cube = _open(_save_pt(tmp_path, factors, old_format=old_format))
        np.testing.assert_allclose(cube.read(), factors.cube, rtol=1e-5, atol=1e-6)
        assert cube.wavelengths is None

    def test_full_number_of_bands_has_the_wavelengths_of_the_data_set(self, tmp_path: Path) -> None:
        torch = pytest.importorskip("torch")
        fields = {"SR": 128, "average": torch.zeros(128), "coeff": torch.zeros(D, 128)}
        wavelengths = open_cube(_save_pt(tmp_path, Factors(), **fields)).wavelengths
        assert wavelengths is not None and wavelengths[[0, -1]].tolist() == [450, 950]

    def test_fields_that_do_not_fit(self, tmp_path: Path, factors: Factors) -> None:
        with pytest.raises(CubeFormatError, match="do not fit each other"):
            open_cube(_save_pt(tmp_path, factors, width=W + 1))

    def test_missing_fields(self, tmp_path: Path) -> None:
        torch = pytest.importorskip("torch")
        torch.save({"height": H}, tmp_path / "1.pt")
        with pytest.raises(CubeFormatError, match="lacks width, SR"):
            open_cube(tmp_path / "1.pt")

    def test_code_is_not_run(self, tmp_path: Path) -> None:
        torch = pytest.importorskip("torch")
        torch.save({"height": Path}, tmp_path / "1.pt")
        with pytest.raises(CubeFormatError, match="other things than tensors"):
            open_cube(tmp_path / "1.pt")

    def test_damage(self, tmp_path: Path) -> None:
        (tmp_path / "1.pt").write_bytes(b"nothing of the kind")
        with pytest.raises(CubeFormatError, match="damaged"):
            open_cube(tmp_path / "1.pt")


def test_missing_torch_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "1.pt").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"hyperpoint\[deep\]"):
        open_cube(tmp_path / "1.pt")
