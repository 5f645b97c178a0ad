"""The files that an earlier annotation was made from, found again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.cli.recorded import recorded_inputs
from hyperpoint.io.spectral_libraries import read_library

Run = Callable[..., tuple[int, str, str]]

NM = np.linspace(400, 950, 12)
RISING, FALLING = np.linspace(0.1, 0.9, 12), np.linspace(0.9, 0.1, 12)


@pytest.fixture
def two_campaigns(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folders d1 and d2, with other samples and points under the same names and headers; d1 is annotated."""
    header = (
        "ENVI\nsamples = 20\nlines = 20\nbands = 12\ndata type = 4\ninterleave = bip\nbyte order = 0\n"
        f"wavelength units = nm\nwavelength = {{{', '.join(map(str, NM))}}}\n"
    )
    rng = np.random.default_rng(0)
    for folder, scale in (("d1", 1), ("d2", 3)):
        cube = np.where(np.arange(20)[None, :, None] < 10, RISING, FALLING) + rng.normal(0, 0.01, (20, 20, 12))
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "cube.hdr").write_text(header)
        (tmp_path / folder / "cube.dat").write_bytes((scale * cube).astype("<f4").tobytes())
        (tmp_path / folder / "pts.csv").write_text(f"row,col,label\n{scale},3,wall\n{scale},15,sky\n")
    monkeypatch.chdir(tmp_path / "d1")
    status, _, err = run("annotate", "cube.hdr", "--points", "pts.csv", "--out", "mask.png")
    assert status == 0, err
    monkeypatch.chdir(tmp_path / "d2")
    return tmp_path


def test_of_two_files_of_one_name_the_one_that_was_recorded_is_taken(run: Run, two_campaigns: Path) -> None:
    status, _, err = run("library", "../d1", "--out", "lib.npz")
    assert (status, err) == (0, "")
    stored = np.fromfile(two_campaigns / "d1/cube.dat", "<f4").reshape(20, 20, 12)
    np.testing.assert_array_equal(read_library("lib.npz").spectra, stored[1, [3, 15]])
    status, out, err = run("annotate", "cube.hdr", "--points", "pts.csv", "--like", "../d1", "--out", "mask.png")
    assert (status, err) == (0, "")
    assert "2 spectra of 1 earlier scenes" in out


def test_the_recorded_file_in_the_current_folder_beats_another_beside_the_provenance(
    run: Run, two_campaigns: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy("../d1/mask.json", "mask.json")
    monkeypatch.chdir(two_campaigns / "d1")
    assert run("library", "../d2/mask.json", "--out", "lib.npz")[0::2] == (0, "")
    stored = np.fromfile("cube.dat", "<f4").reshape(20, 20, 12)
    np.testing.assert_array_equal(read_library("lib.npz").spectra, stored[1, [3, 15]])


def test_where_no_file_is_the_recorded_one_that_beside_the_provenance_is_taken(run: Run, two_campaigns: Path) -> None:
    (two_campaigns / "d1/pts.csv").write_text("row,col,label\n7,3,wall\n")
    status, _, err = run("library", "../d1/mask.json", "--out", "lib.npz")
    assert (status, err.count("has changed"), "d1/pts.csv has changed" in err) == (0, 1, True)
    stored = np.fromfile(two_campaigns / "d1/cube.dat", "<f4").reshape(20, 20, 12)
    np.testing.assert_array_equal(read_library("lib.npz").spectra, stored[7, [3]])


@pytest.mark.parametrize(
    ("more", "is_usable"),
    [
        ("", True),
        (', "rotate": "270", "align": true, "rgb": {"path": "a.png", "fingerprint": "x"}, "white": "0,0,2,2"', True),
        (', "rotate": "45"', False),
        (', "rgb": true', False),
        (', "bands": 5', False),
        (', "classes": {"path": null}', False),
        (', "cube": null', False),
        (', "points": "a\\u0000"', False),
    ],
)
def test_only_what_annotate_may_have_recorded_is_taken(tmp_path: Path, more: str, is_usable: bool) -> None:
    (tmp_path / "a.json").write_text(f'{{"inputs": {{"cube": {{"path": "a.hdr"}}, "points": "p.csv"{more}}}}}')
    assert (recorded_inputs(tmp_path / "a.json") is not None) == is_usable
