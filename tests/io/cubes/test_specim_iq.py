"""Capture folders of a Specim IQ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hyperpoint.errors import CubeFormatError
from hyperpoint.io.cubes import open_cube
from hyperpoint.io.cubes.specim_iq import SpecimCapture

Array = NDArray[np.float32]
WriteEnvi = Callable[..., Path]


@pytest.fixture
def capture(tmp_path: Path, tiny: Array, write_envi: WriteEnvi) -> Path:
    """A folder as the camera writes it, without a result."""
    folder = tmp_path / "2024-05-01_003"
    for part in ("capture", "results", "metadata"):
        (folder / part).mkdir(parents=True)
    counts = (tiny * 8 + 2).astype("u2")
    write_envi(folder / "capture", counts, name=folder.name, suffix=".raw")
    for prefix in ("WHITEREF_", "DARKREF_", "WHITEDARKREF_"):
        write_envi(folder / "capture", counts[:1], name=prefix + folder.name, suffix=".raw")
    (folder / "capture" / "._stray.hdr").write_bytes(b"\0\0")
    (folder / "results" / f"RGBSCENE_{folder.name}.png").write_bytes(b"")
    return folder


def test_raw_cube_with_its_references(capture: Path, tiny: Array) -> None:
    cube = open_cube(capture)
    assert isinstance(cube, SpecimCapture) and cube.format == "specim-iq"
    np.testing.assert_array_equal(cube.read(), tiny * 8 + 2)
    assert cube.is_reflectance is False
    assert cube.white_reference == capture / "capture" / f"WHITEREF_{capture.name}.hdr"
    assert cube.dark_reference == capture / "capture" / f"DARKREF_{capture.name}.hdr"
    assert open_cube(cube.white_reference).shape == (1, 4, 3)


def test_reflectance_is_preferred_and_needs_no_reference(capture: Path, tiny: Array, write_envi: WriteEnvi) -> None:
    write_envi(capture / "results", tiny, name=f"REFLECTANCE_{capture.name}")
    cube = open_cube(capture)
    assert isinstance(cube, SpecimCapture)
    np.testing.assert_array_equal(cube.read(), tiny)
    assert cube.is_reflectance is True
    assert cube.white_reference is None and cube.dark_reference is None


def test_renamed_folder(capture: Path, tiny: Array) -> None:
    renamed = capture.rename(capture.with_name("facade"))
    cube = open_cube(renamed)
    assert isinstance(cube, SpecimCapture) and cube.shape == tiny.shape
    assert cube.white_reference is not None and cube.white_reference.stem == "WHITEREF_2024-05-01_003"


def test_references_may_be_missing(capture: Path) -> None:
    (capture / "capture" / f"DARKREF_{capture.name}.hdr").unlink()
    cube = open_cube(capture)
    assert isinstance(cube, SpecimCapture)
    assert cube.white_reference is not None and cube.dark_reference is None


def test_several_cubes(capture: Path, tiny: Array, write_envi: WriteEnvi) -> None:
    renamed = capture.rename(capture.with_name("facade"))
    write_envi(renamed / "capture", tiny, name="another")
    with pytest.raises(CubeFormatError, match=r"several cubes \(2024-05-01_003\.hdr, another\.hdr\)"):
        open_cube(renamed)


def test_nothing_inside(tmp_path: Path) -> None:
    (tmp_path / "capture").mkdir()
    with pytest.raises(CubeFormatError, match="holds neither"):
        open_cube(tmp_path)
