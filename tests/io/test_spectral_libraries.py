from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperpoint.cube import FloatArray
from hyperpoint.errors import HyperpointError, InputError, MissingFileError
from hyperpoint.io.point_spectra import write_point_spectra
from hyperpoint.io.spectral_libraries import read_library, write_library
from hyperpoint.library import SpectralLibrary
from hyperpoint.types import ClassTable, PointSet

SPECTRA = np.array([[0.1, 0.25, 1 / 3], [3, 2, 1], [7, 8, 9]], dtype=np.float32)
NM = np.array([450.5, 550, 650.25])
LABELS = np.array([1, 0, 1])
NAMED = SpectralLibrary(SPECTRA, np.array([1, 0, 1]), NM, np.array([0, 1, 1]), ("sky", "wall, red"))
TABLE = ClassTable(("asphalt", "wall, red", "sky"), ((1, 1, 1), (2, 2, 2), (3, 3, 3)))


def write_envi(
    folder: Path, spectra: FloatArray, names: str, more: str = "", code: int = 4, suffix: str = ".sli"
) -> Path:
    (folder / "lib.hdr").write_text(
        f"ENVI\nsamples = {spectra.shape[1]}\nlines = {len(spectra)}\nbands = 1\nheader offset = 4\n"
        f"file type = ENVI Spectral Library\ndata type = {code}\ninterleave = bsq\nbyte order = 0\n"
        f"wavelength units = Micrometers\nwavelength = {{0.45, 0.55, 0.65}}\nspectra names = {{{names}}}\n{more}"
    )
    (folder / f"lib{suffix}").write_bytes(b"head" + spectra.tobytes())
    return folder / f"lib{suffix}"


@pytest.mark.parametrize("name", ["lib.npz", "lib.csv", "lib.CSV"])
@pytest.mark.parametrize(
    "library",
    [
        NAMED,
        SpectralLibrary(SPECTRA, np.array([1, 0, 1]), NM, np.array([0, 1, 1])),
        SpectralLibrary(SPECTRA, np.array([254, 0, 3])),
        SpectralLibrary(
            SPECTRA,
            LABELS,
            NM,
            np.array([0, 1, 2]),
            origins={0: "sha256:" + "a" * 64, 2: "sha256-x:" + "b" * 64 + " x"},
        ),
    ],
)
def test_what_is_written_comes_back(tmp_path: Path, name: str, library: SpectralLibrary) -> None:
    write_library(tmp_path / name, library)
    assert [one.name for one in tmp_path.iterdir()] == [name]
    back = read_library(tmp_path / name)
    np.testing.assert_array_equal(back.spectra, library.spectra)
    assert [back.name_of(c) for c in back.labels] == [library.name_of(c) for c in library.labels]
    assert (back.names is None) == (library.names is None)
    np.testing.assert_array_equal(back.scene_of, library.scene_of)
    assert back.origins == library.origins
    assert (back.wavelengths is None) == (library.wavelengths is None)
    if library.wavelengths is not None:
        np.testing.assert_array_equal(back.wavelengths, library.wavelengths)


@pytest.mark.parametrize("name", ["lib.npz", "lib.csv"])
def test_a_class_table_gives_the_ids_and_leaves_other_classes_out(tmp_path: Path, name: str) -> None:
    write_library(tmp_path / name, NAMED)
    library = read_library(tmp_path / name, TABLE)
    assert library.labels.tolist() == [1, 2, 1]
    assert library.names == TABLE.names
    only = read_library(tmp_path / name, ClassTable(("SKY",), ((0, 0, 0),)))
    assert only.labels.tolist() == [0]
    np.testing.assert_array_equal(only.spectra, SPECTRA[1:2])


def test_points_with_spectra_are_a_library(tmp_path: Path) -> None:
    points = PointSet(np.array([0, 1, 2]), np.array([0, 0, 0]), np.array([5, 255, 6]))
    write_point_spectra(tmp_path / "p.npz", points, SPECTRA, np.zeros((3, 3), np.uint8), NM)
    library = read_library(tmp_path / "p.npz")
    assert library.labels.tolist() == [5, 6]
    np.testing.assert_array_equal(library.spectra, SPECTRA[[0, 2]])


def test_spectra_with_missing_samples_are_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "lib.csv").write_text("label,450,550,650\nsky,1,2,3\nsky,1,,3\nwall,4,5,6\n")
    assert read_library(tmp_path / "lib.csv").labels.tolist() == [0, 1]
    assert "1 of 3 spectra miss samples" in caplog.text


@pytest.mark.parametrize("ask", ["lib.sli", "lib.hdr"])
def test_envi_library(tmp_path: Path, ask: str) -> None:
    write_envi(tmp_path, SPECTRA, "asphalt 1, asphalt_02, sky")
    library = read_library(tmp_path / ask)
    np.testing.assert_array_equal(library.spectra, SPECTRA)
    assert library.names == ("asphalt", "sky")
    assert library.labels.tolist() == [0, 0, 1]
    assert library.wavelengths is not None
    np.testing.assert_allclose(library.wavelengths, [450, 550, 650])
    assert read_library(tmp_path / ask, TABLE).labels.tolist() == [0, 0, 2]


def test_envi_library_that_another_program_wrote(tmp_path: Path) -> None:
    from spectral.io import envi

    header = {"wavelength": NM.tolist(), "wavelength units": "nm", "spectra names": ["sky", "tree", "tree #2"]}
    envi.SpectralLibrary(SPECTRA, header).save(str(tmp_path / "spy"), "by SPy")
    library = read_library(tmp_path / "spy.hdr")
    np.testing.assert_array_equal(library.spectra, SPECTRA)
    assert library.names == ("sky", "tree")
    np.testing.assert_allclose(np.asarray(library.wavelengths), NM)


def test_envi_library_of_integers_with_a_scale_and_missing_samples(tmp_path: Path) -> None:
    spectra = np.array([[100, 200, 300], [-99, 1, 2], [400, 500, 600]], dtype="<i2")
    more = "reflectance scale factor = 1000\ndata ignore value = -99\n"
    write_envi(tmp_path, spectra, "a, b, c", more, code=2)
    library = read_library(tmp_path / "lib.sli")
    np.testing.assert_allclose(library.spectra, [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], rtol=1e-6)
    assert library.labels.tolist() == [0, 2]


def test_a_library_of_a_thousand_materials_is_read_for_the_few_of_a_class_table(tmp_path: Path) -> None:
    spectra = np.ones((300, 3), dtype=np.float32)
    write_envi(tmp_path, spectra, ", ".join(f"mineral {k}x" for k in range(299)) + ", sky")
    with pytest.raises(HyperpointError, match="300 class names"):
        read_library(tmp_path / "lib.sli")
    assert read_library(tmp_path / "lib.sli", TABLE).labels.tolist() == [2]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.npz", b"PK\3\4 broken", "no spectral library, or a damaged one"),
        ("a.csv", b"label,450\n", "holds no spectra"),
        ("a.csv", b"row,450\n1,2\n", "column label"),
        ("a.csv", b"label,x,y\na,1,2\n", "headed by a wavelength"),
        ("a.csv", b"label,450,550\na,1\n", "line 2 has 2 fields, the header 3"),
        ("a.csv", b"label,450,550\na,1,two\n", "line 2"),
        ("a.csv", b"\n\nlabel,450,550\n\na,1,2\n,,\na,1,two\n", "line 7"),
        ("a.csv", b"label,450,550\n\na,1\n", "line 3 has 2 fields"),
        ("a.csv", b"label\nsky\n", "no column of a band"),
        ("a.csv", b"label,450\nsky," + b"1" * 140_000 + b"\n", "line 2 is no CSV"),
        ("a.csv", b"label,450,550\nsky,1e39,1\n", "no spectrum"),
        ("a.csv", b"label,450,550\na,,\n", "no spectrum"),
        ("a.csv", b"label,450,550\n\xff,1,2\n", "not UTF-8"),
        ("a.mat", b"", "give .npz, .csv"),
        ("a.sli", b"", "no ENVI header"),
    ],
)
def test_a_file_that_is_none_is_an_error_with_its_name(
    tmp_path: Path, name: str, content: bytes, complaint: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(HyperpointError) as error:
        read_library(tmp_path / name)
    assert complaint in str(error.value)
    assert name in str(error.value)


def test_an_npz_of_something_else(tmp_path: Path) -> None:
    np.savez(tmp_path / "cube.npz", cube=np.ones((2, 2, 3)), labels=np.zeros(2))
    with pytest.raises(InputError, match="no array spectra; it holds: cube, labels"):
        read_library(tmp_path / "cube.npz")
    np.savez(tmp_path / "odd.npz", spectra=np.ones((2, 3)), labels=np.zeros(3))
    with pytest.raises(InputError, match="labels"):
        read_library(tmp_path / "odd.npz")


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "evil.npz", spectra=np.ones((1, 3)), labels=np.array([{"a": 1}], dtype=object))
    with pytest.raises(InputError, match=r"or a damaged one .*allow_pickle"):
        read_library(tmp_path / "evil.npz")


def test_envi_files_that_do_not_fit(tmp_path: Path) -> None:
    path = write_envi(tmp_path, SPECTRA, "a, b")
    with pytest.raises(InputError, match="names 2 spectra and holds 3"):
        read_library(path)
    path.write_bytes(b"short")
    with pytest.raises(InputError, match="too short"):
        read_library(path)
    path.unlink()
    with pytest.raises(MissingFileError, match="no data file"):
        read_library(tmp_path / "lib.hdr")
    (tmp_path / "lib.sli").write_bytes(b"")
    text = (tmp_path / "lib.hdr").read_text().replace("Spectral Library", "Standard")
    (tmp_path / "lib.hdr").write_text(text)
    with pytest.raises(InputError, match="no spectral library: its file type is 'ENVI Standard'"):
        read_library(tmp_path / "lib.sli")


def test_a_missing_file_and_an_unknown_suffix(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="spectral library"):
        read_library(tmp_path / "nowhere.npz")
    with pytest.raises(InputError, match=r"\.npz or \.csv"):
        write_library(tmp_path / "lib.sli", NAMED)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("names", [("10", "20"), ("sky", "2."), ("sky", " ")])
def test_names_that_a_csv_would_not_give_back_are_refused_and_kept_by_an_npz(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    library = SpectralLibrary(SPECTRA, LABELS, NM, names=names)
    with pytest.raises(InputError, match=r"would be read as an id from a CSV; write the library as \.npz"):
        write_library(tmp_path / "lib.csv", library)
    assert list(tmp_path.iterdir()) == []
    write_library(tmp_path / "lib.npz", library)
    assert read_library(tmp_path / "lib.npz").names == names


@pytest.mark.parametrize("name", ["lib.npz", "lib.csv"])
def test_a_file_without_names_counts_in_a_class_table_only_if_that_is_said(tmp_path: Path, name: str) -> None:
    write_library(tmp_path / name, SpectralLibrary(SPECTRA, LABELS, NM))
    with pytest.raises(InputError, match=f"{name}: .*only class ids"):
        read_library(tmp_path / name, TABLE)
    library = read_library(tmp_path / name, TABLE, by_id=True)
    assert (library.labels.tolist(), library.names) == ([1, 0, 1], TABLE.names)


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"wavelengths": np.array(500.0)}, "wavelengths must be a row of 3 numbers"),
        ({"wavelengths": NM[:2]}, "wavelengths must be a row of 3 numbers"),
        ({"wavelengths": np.array(["a", "b", "c"])}, "wavelengths must be a row of 3 numbers"),
        ({"wavelengths": -NM}, "wavelengths must be positive"),
        ({"names": np.array("a")}, "names must be a row of texts"),
        ({"names": np.array([1, 2])}, "names must be a row of texts"),
        ({"names": np.array(["a"])}, "only 1 names"),
        ({"scenes": np.array([0, 1])}, "scenes must be a row of 3 numbers"),
        ({"scenes": np.array([0, 1, np.inf])}, "scenes of a spectral library"),
        ({"origins": np.array(["a"])}, "origins must be a row of 3 texts"),
        ({"labels": np.array(["a", "b", "c"])}, "labels ids"),
        ({"labels": np.array([0, np.nan, 1])}, "whole numbers"),
        ({"labels": np.array([0, -1, 1])}, "count from 0"),
        ({"spectra": np.ones((3, 0))}, "at least one band"),
        ({"spectra": np.ones(3)}, "must be numbers (n, bands)"),
        ({"spectra": np.ones((3, 3), dtype=complex)}, "must be numbers (n, bands)"),
        ({"spectra": np.full((3, 3), 1e300)}, "no spectrum"),
    ],
)
def test_arrays_that_do_not_fit(tmp_path: Path, more: dict[str, Any], complaint: str) -> None:
    parts: dict[str, Any] = {"spectra": SPECTRA, "labels": LABELS, **more}
    np.savez(tmp_path / "odd.npz", **parts)
    with pytest.raises(InputError) as error:
        read_library(tmp_path / "odd.npz")
    assert complaint in str(error.value)
    assert "odd.npz" in str(error.value)


def test_samples_too_large_for_a_float_are_missing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "lib.csv").write_text("label,450,550\nsky,1,2\nsky,1e300,2\n")
    assert len(read_library(tmp_path / "lib.csv")) == 1
    assert "1 of 2 spectra" in caplog.text
