"""Scenes as figures 2, 3, 5 and 6 show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hyperpoint.comparisons.scenes import open_row
from hyperpoint.cube import BoolArray, FloatArray, IndexArray, usable_pixels
from hyperpoint.errors import InputError
from hyperpoint.io.images import read_rgb
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.preprocess.normalisation import normalise
from hyperpoint.reproduce.protocol import scored_truth
from hyperpoint.reproduce.study import Study
from hyperpoint.types import IGNORE, LabelArray, Scene, UInt8Array

# Among so many scenes the one with the most classes is looked for: reading the labels of a thousand takes a while.
_NUM_LOOKED_AT = 20


@dataclass(frozen=True, eq=False)
class ShownScene:
    """A scene with its photo and truth, classes that are not scored being unlabelled."""

    study: Study
    row: ManifestRow

    @cached_property
    def truth(self) -> LabelArray:
        """(H, W) uint8."""
        return scored_truth(self.row, self.study.dataset).labels

    @cached_property
    def rgb(self) -> UInt8Array:
        """(H, W, 3) uint8."""
        return read_rgb(self.row.image)

    @cached_property
    def scene(self) -> Scene:
        """The scene, calibrated where the data set has a white reference."""
        return open_row(self.row, self.study.dataset)

    def spectra(self, rows: IndexArray, cols: IndexArray) -> tuple[FloatArray, BoolArray]:
        """Return the spectra of pixels, each divided by its maximum (section 4.2), and which of them can be used.

        Returns
        -------
        (n, good bands) float32 and (n,) bool; what cannot be used is 0.
        """
        cube = self.scene.cube
        values = cube.pixels(*self.scene.to_cube(rows, cols))[:, cube.good_bands]
        usable = usable_pixels(values)
        return normalise(np.where(usable[:, None], values, 0).astype(np.float32), "max"), usable


def richest_scene(study: Study) -> ShownScene:
    """Return, among the first training scenes, the one with the most classes."""
    shown = [ShownScene(study, row) for row in study.train_rows[:_NUM_LOOKED_AT]]
    best = max(shown, key=lambda one: len(np.unique(one.truth)))
    if (best.truth == IGNORE).all():
        raise InputError("no pixel of the training scenes is labelled, so there is nothing to show")
    return best


def where_known(labels: LabelArray, truth: LabelArray) -> LabelArray:
    """Return labels, unlabelled where the truth is."""
    return np.where(truth == IGNORE, IGNORE, labels).astype(np.uint8)


def first_rows(rows: Sequence[ManifestRow], num: int = 2) -> Sequence[ManifestRow]:
    """Return the scenes that pictures show, the first and the last of those that are used."""
    return rows if len(rows) <= num else [rows[0], *rows[-(num - 1) :]]
