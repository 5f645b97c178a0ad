from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.cube import Georeference
from hyperpoint.errors import InputError
from hyperpoint.io.classification import write_envi_classification
from hyperpoint.io.cubes import open_cube
from hyperpoint.types import ClassTable

CLASSES = ClassTable(("wall, old", "door {red}", "Tür"), ((200, 0, 0), (0, 200, 0), (1, 2, 3)))
LABELS = np.array([[0, 1, 2], [255, 2, 0]], dtype=np.uint8)
# WKT of no particular system; the reader of headers takes it as it is.
WKT = 'LOCAL_CS["site",UNIT["metre",1]]'


def test_spectral_python_reads_classes_names_and_colours(tmp_path: Path) -> None:
    from spectral import open_image

    written = write_envi_classification(tmp_path / "a.hdr", LABELS, CLASSES)
    assert written == [tmp_path / "a.hdr", tmp_path / "a.dat"]
    image = open_image(str(tmp_path / "a.hdr"))
    np.testing.assert_array_equal(image.read_band(0), [[1, 2, 3], [0, 3, 1]])
    assert image.metadata["file type"] == "ENVI Classification"
    assert image.metadata["classes"] == "4"
    assert image.metadata["class names"] == ["Unclassified", "wall- old", "door (red)", "Tür"]
    assert [int(level) for level in image.metadata["class lookup"]] == [0, 0, 0, 200, 0, 0, 0, 200, 0, 1, 2, 3]
    assert "map info" not in image.metadata


@pytest.mark.parametrize("degrees", [0.0, 30.0, -90.0, 180.0])
def test_our_own_reader_finds_the_place_again(tmp_path: Path, degrees: float) -> None:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    place = Georeference((2 * cos, 2 * sin, 1000.5, 3 * sin, -3 * cos, 2000.25), WKT)
    write_envi_classification(tmp_path / "a.hdr", LABELS, CLASSES, place)
    found = open_cube(tmp_path / "a.hdr").georeference
    assert found is not None
    np.testing.assert_allclose(found.transform, place.transform, atol=1e-9)
    assert found.crs == WKT


@pytest.mark.parametrize("transform", [(1, 0, 0, 0, 1, 0), (1, 0.5, 0, 0, -1, 0), (0, 0, 0, 0, 0, 0)])
def test_a_place_that_a_header_cannot_state_is_left_out(
    tmp_path: Path, transform: tuple[float, float, float, float, float, float]
) -> None:
    write_envi_classification(tmp_path / "a.hdr", LABELS, CLASSES, Georeference(transform, WKT))
    assert open_cube(tmp_path / "a.hdr").georeference is None


def test_gdal_finds_palette_and_place(tmp_path: Path) -> None:
    rasterio = pytest.importorskip("rasterio")
    wkt = rasterio.crs.CRS.from_epsg(32633).to_wkt()
    transform = (30.0, 0.0, 383000.0, 0.0, -30.0, 5818000.0)
    write_envi_classification(tmp_path / "a.hdr", LABELS, CLASSES, Georeference(transform, wkt))
    with rasterio.open(tmp_path / "a.dat") as dataset:
        assert dataset.driver == "ENVI"
        assert tuple(dataset.transform)[:6] == transform
        assert dataset.crs.to_epsg() == 32633
        assert dataset.colormap(1)[1][:3] == (200, 0, 0)
        np.testing.assert_array_equal(dataset.read(1), [[1, 2, 3], [0, 3, 1]])


def test_the_last_class_of_a_full_table_fits(tmp_path: Path) -> None:
    table = ClassTable(tuple(map(str, range(255))), ((1, 2, 3),) * 255)
    write_envi_classification(tmp_path / "a.hdr", np.array([[254, 255]], dtype=np.uint8), table)
    assert (tmp_path / "a.dat").read_bytes() == bytes([255, 0])


def test_a_class_out_of_the_table_is_refused_and_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="hold class 2, but the class table ends with class 1"):
        write_envi_classification(tmp_path / "a.hdr", LABELS, ClassTable(("a", "b"), ((1, 1, 1), (2, 2, 2))))
    assert not list(tmp_path.iterdir())
