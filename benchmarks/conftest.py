"""Files to be timed: made once, in the temporary folder of the run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

LIB_HSI_SHAPE = (512, 512, 204)
HSICITY2_SHAPE = (1422, 1889, 128)


def write_envi(folder: Path, shape: tuple[int, int, int], interleave: str) -> Path:
    """Write a float32 ENVI cube of smooth fields of eight materials and noise; return its header."""
    height, width, bands = shape
    rng = np.random.default_rng(0)
    spectra = rng.uniform(0.1, 0.9, (8, bands)).astype(np.float32).cumsum(axis=1) / bands
    material = (np.arange(height)[:, None] // 97 * 3 + np.arange(width) // 131) % 8
    header = folder / f"{interleave}-{height}x{width}.hdr"
    axes = {"bil": (0, 2, 1), "bip": (0, 1, 2), "bsq": (2, 0, 1)}[interleave]
    sizes = tuple(shape[axis] for axis in axes)
    data = np.memmap(header.with_suffix(".dat"), np.float32, "w+", shape=sizes).transpose(np.argsort(axes))
    for rows in np.array_split(np.arange(height), height // 16):
        noise = rng.normal(1, 0.05, (len(rows), width, bands)).astype(np.float32)
        data[rows[0] : rows[-1] + 1] = spectra[material[rows]] * noise
    del data
    wavelengths = ", ".join(f"{value:.2f}" for value in np.linspace(400, 1000, bands))
    header.write_text(
        f"ENVI\nsamples = {width}\nlines = {height}\nbands = {bands}\nheader offset = 0\nfile type = ENVI Standard\n"
        f"data type = 4\ninterleave = {interleave}\nbyte order = 0\nwavelength units = nm\n"
        f"wavelength = {{{wavelengths}}}\n"
    )
    return header


@pytest.fixture(scope="session")
def lib_hsi_cube(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cube of LIB-HSI's size, BIL float32, 214 MB, with points.csv beside it."""
    folder = tmp_path_factory.mktemp("lib-hsi")
    header = write_envi(folder, LIB_HSI_SHAPE, "bil")
    rng = np.random.default_rng(1)
    lines = [f"{row},{col},{(row // 97 * 3 + col // 131) % 8}" for row, col in rng.integers(0, 512, (200, 2)).tolist()]
    (folder / "points.csv").write_text("row,col,label\n" + "\n".join(lines) + "\n")
    return header


@pytest.fixture(scope="session")
def hsicity2_cube(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cube of HSICityV2's size, BIP float32, 1.4 GB."""
    return write_envi(tmp_path_factory.mktemp("hsicity2"), HSICITY2_SHAPE, "bip")
