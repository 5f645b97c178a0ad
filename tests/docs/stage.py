"""A folder with small files of every kind that the documents name."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import savemat

from hyperpoint.catalog.dataset import load_dataset
from hyperpoint.catalog.manifests import build_manifest
from hyperpoint.catalog.sources import dataset_rows
from hyperpoint.io.classes import classes_from_names
from hyperpoint.io.images import write_png
from hyperpoint.io.masks import write_mask
from hyperpoint.synth import synthesise

SIZE = (96, 128)
NUM_BANDS = 16
WAVELENGTHS = np.linspace(400, 1000, NUM_BANDS)


def build(folder: Path, toml: str, table: str) -> None:
    """Fill a folder; `toml` describes the data set in `captures`, `table` is a class table."""
    truth = np.zeros(SIZE, np.uint8)
    for top, left, class_id in ((10, 20, 1), (50, 70, 1), (60, 10, 2), (15, 90, 2)):
        truth[top : top + 24, left : left + 30] = class_id
    _write_scene(folder, truth)
    _write_captures(folder / "captures", truth, toml)
    for name, layout in (("lib-hsi", "lib-hsi"), ("LIB-HSI", "lib-hsi"), ("hsicity2", "hsicity2")):
        synthesise(folder / name, layout, 3, (64, 64))
    (folder / "masks").mkdir()
    (folder / "roofs.json").write_text(table, encoding="utf-8")
    dataset = load_dataset("lib-hsi")
    export = folder / "facades" / "hyperpoint-export" / "manifest.csv"
    build_manifest(export, dataset_rows(dataset, folder / "LIB-HSI"), dataset.classes)


def _write_scene(folder: Path, truth: NDArray[np.uint8]) -> None:
    """Write scene.hdr and all that can go with it."""
    rng = np.random.default_rng(0)
    spectra = np.stack([np.linspace(0.2, 0.8, NUM_BANDS), np.linspace(0.8, 0.2, NUM_BANDS), np.full(NUM_BANDS, 0.4)])
    cube = (spectra[truth] + rng.normal(0, 0.01, (*SIZE, NUM_BANDS))).astype(np.float32)
    write_envi(folder / "scene.hdr", cube)
    write_envi(folder / "white.hdr", np.ones((4, SIZE[1], NUM_BANDS), np.float32))
    write_envi(folder / "dark.hdr", np.zeros((4, SIZE[1], NUM_BANDS), np.float32))
    photo = np.array([[200, 80, 60], [70, 90, 160], [110, 150, 80]], np.uint8)[truth]
    write_png(folder / "scene.png", photo)
    classes = ("tiles", "slate", "moss")
    write_mask(folder / "truth.png", truth, classes_from_names(classes))
    panel = np.zeros(SIZE, np.uint8)
    panel[2:8, 2:8] = 1
    write_mask(folder / "panel.png", panel)
    places = [(40, 5), (90, 120), (20, 30), (60, 80), (70, 20), (20, 100)]
    lines = [f"{row},{col},{classes[truth[row, col]]}" for row, col in places]
    (folder / "clicks.csv").write_text("\n".join(["row,col,label", *lines, ""]))
    savemat(folder / "scene.mat", {"spectra": cube.reshape(-1, NUM_BANDS, order="F").T, "other": np.zeros(3)})
    capture = folder / "2024-05-01_001" / "capture"
    capture.mkdir(parents=True)
    for prefix, source in (("", "scene"), ("WHITEREF_", "white"), ("DARKREF_", "dark")):
        for suffix in (".hdr", ".dat"):
            shutil.copy(folder / f"{source}{suffix}", capture / f"{prefix}2024-05-01_001{suffix}")


def _write_captures(folder: Path, truth: NDArray[np.uint8], toml: str) -> None:
    """Write a scene a split of the data set of docs/datasets.md, and its description beside the folder."""
    num_classes = toml.count("[[classes]]")
    spectra = 0.1 + 0.8 * np.eye(num_classes, NUM_BANDS, dtype=np.float32)
    for split in re.findall(r'"(\w+)"', toml.split("splits = ")[1].splitlines()[0]):
        for part in ("cubes", "photos", "masks"):
            (folder / split / part).mkdir(parents=True)
        np.save(folder / split / "cubes" / "a.npy", spectra[truth])
        write_png(folder / split / "photos" / "a.png", np.repeat(80 * truth[..., None], 3, axis=2) + len(split))
        write_mask(folder / split / "masks" / "a.png", truth)
    (folder.parent / "roofs.toml").write_text(toml, encoding="utf-8")


def write_envi(header: Path, cube: NDArray[np.float32]) -> None:
    """Write a cube (rows, cols, bands) as BIP, with wavelengths."""
    rows, cols, bands = cube.shape
    fields = {
        "samples": cols, "lines": rows, "bands": bands, "header offset": 0, "data type": 4, "interleave": "bip",
        "byte order": 0, "wavelength units": "nm", "wavelength": f"{{{', '.join(map(str, WAVELENGTHS))}}}",
    }  # fmt: skip
    header.write_text("\n".join(["ENVI", *(f"{key} = {value}" for key, value in fields.items()), ""]))
    header.with_suffix(".dat").write_bytes(cube.astype("<f4").tobytes())
