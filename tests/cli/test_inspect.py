"""`hyperpoint inspect`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

Run = Callable[..., tuple[int, str, str]]


def test_json(run: Run, files: Path) -> None:
    status, out, _ = run("inspect", files / "cube.npz", "--json")
    facts = json.loads(out)
    assert status == 0
    assert facts["shape"] == [100, 120, 12]
    assert facts["dtype"] == "float32"
    assert facts["wavelengths_nm"] == [400, 950]
    assert facts["num_bad_bands"] == 0
    assert 0 < facts["value_range"][0] < facts["value_range"][1] < 1
    assert facts["size_mb"] == pytest.approx((files / "cube.npz").stat().st_size / 1e6, abs=1e-3)


def test_options_of_opening_act_here_too(run: Run, files: Path) -> None:
    facts = json.loads(run("inspect", files / "cube.npz", "--rotate", 90, "--bands", "500:700", "--json")[1])
    assert facts["shape"] == [120, 100, 5]
    assert facts["wavelengths_nm"] == [500, 700]


def test_masked_pixels_are_counted(run: Run, tmp_path: Path) -> None:
    values = np.ones((4, 5, 3), dtype=np.float32)
    values[0, 0, 0] = np.nan
    np.save(tmp_path / "cube.npy", values)
    assert json.loads(run("inspect", tmp_path / "cube.npy", "--json")[1])["masked_pixels"]["no_data"] == 1
    assert "no data 1" in run("inspect", tmp_path / "cube.npy")[1]


@pytest.mark.parametrize(
    ("name", "shape", "wavelengths", "bad"),
    [
        ("berlin_enmap30m/EnMAP_Berlin_177.hdr", [80, 60, 177], [460, 2409], 0),
        ("corn_bil/corn-kernel-hyperspectral.hdr", [31, 43, 580], [366.551, 1048.421], 0),
        ("enmap_potsdam/image_96_0.tif", [32, 32, 224], [418.24, 2445.53], 6),
        ("jasper_ridge/jasperRidge2_R198.mat", [100, 100, 198], None, 0),
        ("samson/real_data_samson.mat", [95, 95, 156], None, 0),
    ],
)
def test_real_files(
    run: Run, shared_data: Path, name: str, shape: list[int], wavelengths: list[float] | None, bad: int
) -> None:
    status, out, err = run("inspect", shared_data / "native" / name, "--json")
    assert status == 0, err
    facts = json.loads(out)
    assert facts["shape"] == shape
    assert facts["num_bad_bands"] == bad
    if wavelengths:
        assert facts["wavelengths_nm"] == pytest.approx(wavelengths, abs=1)
