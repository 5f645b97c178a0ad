"""The registry: which reader gets which file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import hyperpoint.io.cubes as registry
from hyperpoint.errors import CubeFormatError, InputError, MissingFileError
from hyperpoint.io.cubes import known_formats, open_cube

Array = NDArray[np.float32]
WriteEnvi = Callable[..., Path]


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"no file .*scene\.hdr"):
        open_cube(tmp_path / "scene.hdr")


@pytest.mark.parametrize("name", ["notes.txt", "scene", "photo.png"])
def test_unknown_format_lists_the_known_ones(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00hello")
    with pytest.raises(CubeFormatError, match=r"file .* is of no format .*") as caught:
        open_cube(tmp_path / name)
    assert all(known in str(caught.value) for known in known_formats())


def test_folder_that_is_no_capture(tmp_path: Path) -> None:
    with pytest.raises(CubeFormatError, match=r"the folder .*specim-iq"):
        open_cube(tmp_path)


def test_an_option_that_the_format_lacks_is_refused(tmp_path: Path, tiny: Array, write_envi: WriteEnvi) -> None:
    header = write_envi(tmp_path, tiny)
    with pytest.raises(InputError, match="'envi', which has no variable"):
        open_cube(header, variable="cube")
    with pytest.raises(InputError, match="'envi', which has no axes"):
        open_cube(header, axes="r c b")


def test_files_without_a_telling_suffix_are_recognised(tmp_path: Path, tiny: Array, write_envi: WriteEnvi) -> None:
    import h5py
    from scipy.io import savemat

    write_envi(tmp_path, tiny, name="envi", suffix=".samples")
    np.save(tmp_path / "numpy.npy", tiny)
    savemat(tmp_path / "matlab.mat", {"cube": tiny})
    with h5py.File(tmp_path / "hdf5.h5", "w") as file:
        file["cube"] = tiny
    for known in ("numpy.npy", "matlab.mat", "hdf5.h5"):
        (tmp_path / known).rename(tmp_path / f"{Path(known).stem}.samples")
    for name in ("envi", "numpy", "matlab", "hdf5"):
        cube = open_cube(tmp_path / f"{name}.samples")
        assert cube.format == name
        np.testing.assert_array_equal(cube.read(), tiny)


def test_a_new_format_is_one_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lines.py").write_text(
        "import numpy as np\n"
        "from hyperpoint.cube import ArrayCube\n"
        "from hyperpoint.io.cubes._reader import Reader\n"
        "def open_lines(path, variable, axes):\n"
        "    return ArrayCube(np.loadtxt(path)[:, np.newaxis])\n"
        "READER = Reader('lines', ('.lines',), lambda path: False, open_lines)\n"
    )
    (tmp_path / "scene.lines").write_text("1 2 3\n4 5 6\n")
    monkeypatch.setattr(registry, "__path__", [*registry.__path__, str(tmp_path)])
    registry._readers.cache_clear()
    try:
        assert open_cube(tmp_path / "scene.lines").shape == (2, 1, 3)
    finally:
        registry._readers.cache_clear()
        sys.modules.pop("hyperpoint.io.cubes.lines")


def test_the_registry_loads_no_heavy_package() -> None:
    code = (
        "import sys; from hyperpoint.io.cubes import known_formats; known_formats(); "
        "print(*({'scipy', 'h5py', 'rasterio', 'spectral', 'torch', 'cv2', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
