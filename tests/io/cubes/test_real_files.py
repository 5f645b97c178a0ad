"""The real scenes kept beside the project: shapes, wavelengths, and values as other libraries read them."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.errors import CubeFormatError
from hyperpoint.io.cubes import open_cube


@pytest.mark.parametrize(
    ("name", "shape", "ends"),
    [
        ("native/berlin_enmap30m/EnMAP_Berlin_177.hdr", (80, 60, 177), (460, 2409)),
        ("native/berlin_enmap30m/EnMAP_Berlin_177.bsq", (80, 60, 177), (460, 2409)),
        ("native/berlin_enmap30m/HighRes.hdr", (660, 494, 4), (484.3, 804.6)),
        ("native/corn_bil/corn-kernel-hyperspectral.hdr", (31, 43, 580), (366.551, 1048.421)),
        ("native/corn_bil/corn-kernel-hyperspectral.raw", (31, 43, 580), (366.551, 1048.421)),
        ("native/enmap_potsdam/image_96_0.tif", (32, 32, 224), (418.24, 2445.53)),
        ("native/enmap_potsdam/image_128_96.tif", (32, 32, 224), (418.24, 2445.53)),
        ("native/enmap_potsdam/image_160_128.tif", (32, 32, 224), (418.24, 2445.53)),
        ("native/jasper_ridge/jasperRidge2_R198.mat", (100, 100, 198), None),
        ("native/samson/real_data_samson.mat", (95, 95, 156), None),
        ("berlin_enmap30m.npz", (80, 60, 177), None),
        ("jasper_ridge.npz", (100, 100, 198), None),
    ],
)
def test_shape_wavelengths_and_points(
    shared_data: Path, name: str, shape: tuple[int, int, int], ends: tuple[float, float] | None
) -> None:
    if name.endswith(".tif"):
        pytest.importorskip("rasterio")
    cube = open_cube(shared_data / name)
    assert cube.shape == shape
    assert (cube.wavelengths is None) == (ends is None)
    if cube.wavelengths is not None and ends is not None:
        np.testing.assert_allclose(cube.wavelengths[[0, -1]], ends)
    rng = np.random.default_rng(0)
    rows, cols = rng.integers(0, shape[0], 40), rng.integers(0, shape[1], 40)
    np.testing.assert_array_equal(cube.pixels(rows, cols), cube.read()[rows, cols])


def test_spectra_without_a_place_are_no_cube(shared_data: Path) -> None:
    with pytest.raises(CubeFormatError, match=r"spectra \(6009 x 128 float32\)"):
        open_cube(shared_data / "hsicityv2_class_spectra.npz")


@pytest.mark.parametrize("name", ["EnMAP_Berlin_177", "HighRes"])
def test_berlin_as_spectral_python_reads_it_unpacked(shared_data: Path, tmp_path: Path, name: str) -> None:
    import spectral

    folder = shared_data / "native" / "berlin_enmap30m"
    (tmp_path / f"{name}.bsq").write_bytes(gzip.decompress((folder / f"{name}.bsq").read_bytes()))
    (tmp_path / f"{name}.hdr").write_text((folder / f"{name}.hdr").read_text())
    theirs = np.asarray(spectral.envi.open(str(tmp_path / f"{name}.hdr")).load())
    cube = open_cube(folder / f"{name}.hdr")
    np.testing.assert_array_equal(np.nan_to_num(cube.read(), nan=-99), theirs)
    assert cube.georeference is not None and cube.is_reflectance is True


def test_berlin_is_the_same_in_both_forms(shared_data: Path) -> None:
    envi = open_cube(shared_data / "native" / "berlin_enmap30m" / "EnMAP_Berlin_177.hdr")
    np.testing.assert_array_equal(envi.read(), open_cube(shared_data / "berlin_enmap30m.npz").read())


def test_corn_as_plain_numpy_reads_it(shared_data: Path) -> None:
    path = shared_data / "native" / "corn_bil" / "corn-kernel-hyperspectral.raw"
    theirs = np.fromfile(path, dtype="<u2").reshape(31, 580, 43).transpose(0, 2, 1)
    np.testing.assert_array_equal(open_cube(path).read(), theirs)


def test_potsdam_as_rasterio_reads_it(shared_data: Path) -> None:
    rasterio = pytest.importorskip("rasterio")
    path = shared_data / "native" / "enmap_potsdam" / "image_96_0.tif"
    with rasterio.open(path) as file:
        theirs = file.read(masked=True).transpose(1, 2, 0) * 1e-4
        place = tuple(file.transform)[:6]
    cube = open_cube(path)
    np.testing.assert_allclose(cube.read(), theirs.filled(np.nan), rtol=1e-6)
    assert np.flatnonzero(~cube.good_bands).tolist() == [129, 130, 131, 132, 133, 134]  # counted from 0
    assert cube.georeference is not None and cube.georeference.transform == place


def test_jasper_ridge_is_the_same_in_both_forms(shared_data: Path) -> None:
    matrix = open_cube(shared_data / "native" / "jasper_ridge" / "jasperRidge2_R198.mat")
    np.testing.assert_array_equal(matrix.read(), open_cube(shared_data / "jasper_ridge.npz").read())


def test_samson_as_scipy_reads_it(shared_data: Path) -> None:
    from scipy.io import loadmat

    path = shared_data / "native" / "samson" / "real_data_samson.mat"
    np.testing.assert_array_equal(open_cube(path).read(), loadmat(path)["r_cube"].astype(np.float32))
