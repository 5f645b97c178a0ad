from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the networks need PyTorch (extra deep)")

import torch
from torch import Tensor

from hyperpoint.comparisons import predicting
from hyperpoint.comparisons.networks.base import PatchNetwork
from hyperpoint.comparisons.predicting import predict_labels
from hyperpoint.comparisons.preparation import Preparation
from hyperpoint.cube import ArrayCube, FloatArray
from hyperpoint.errors import InputError
from hyperpoint.preprocess.geometry import RotatedCube
from hyperpoint.segment.standardisation import Standardisation
from hyperpoint.types import LabelArray, Scene


class MeanNetwork(PatchNetwork):
    """Gives the class whose channel is largest on average over the patch."""

    def __init__(self, width: int, num_channels: int) -> None:
        super().__init__(width, num_channels)
        self.unused = torch.nn.Parameter(torch.zeros(1))

    def classify(self, windows: Tensor, centres: Tensor) -> Tensor:
        return windows.mean(dim=(2, 3)) + self.unused


def unchanged(bands: int) -> Preparation:
    return Preparation("none", Standardisation(np.zeros(bands, np.float32), np.ones(bands, np.float32)))


def expected_labels(values: FloatArray, width: int) -> LabelArray:
    margin = width // 2
    padded = np.pad(values, ((margin, margin), (margin, margin), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (width, width), axis=(0, 1))
    return np.asarray(windows.mean(axis=(3, 4)).argmax(axis=2), dtype=np.uint8)


@pytest.mark.parametrize("strip_bytes", [predicting.STRIP_BYTES, 900])
@pytest.mark.parametrize("width", [1, 5])
def test_every_pixel_is_labelled_by_its_patch_whatever_the_strips(
    width: int, strip_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predicting, "STRIP_BYTES", strip_bytes)
    values = np.random.default_rng(0).random((13, 17, 4)).astype(np.float32)
    rows_done: list[int] = []
    labels = predict_labels(
        MeanNetwork(width, 4), unchanged(4), Scene(values), progress=lambda done, total: rows_done.append(done)
    )
    assert labels.dtype == np.uint8
    assert np.array_equal(labels, expected_labels(values, width))
    assert rows_done[-1] == 13
    assert (len(rows_done) > 1) == (strip_bytes == 900)


def test_a_turned_cube_and_a_finer_image_are_labelled_where_they_are_seen() -> None:
    values = np.random.default_rng(1).random((6, 8, 3)).astype(np.float32)
    scene = Scene(RotatedCube(ArrayCube(values), 270), rgb=np.zeros((16, 12, 3), np.uint8))
    labels = predict_labels(MeanNetwork(3, 3), unchanged(3), scene)
    assert np.array_equal(labels, np.kron(expected_labels(np.rot90(values, 3), 3), np.ones((2, 2), np.uint8)))


@pytest.mark.parametrize(("stride", "middles"), [(2, [1, 3, 5, 7, 9]), (3, [1, 4, 7, 10]), (4, [2, 6, 10]), (40, [5])])
def test_with_a_stride_the_middle_pixel_labels_its_neighbours(stride: int, middles: list[int]) -> None:
    values = np.random.default_rng(2).random((11, 11, 5)).astype(np.float32)
    all_labels = expected_labels(values, 3)
    labels = predict_labels(MeanNetwork(3, 5), unchanged(5), Scene(values), stride)
    nearest = [middles[min(place // stride, len(middles) - 1)] for place in range(11)]
    assert np.array_equal(labels, all_labels[np.ix_(nearest, nearest)])


def test_a_pixel_without_spectrum_is_labelled_by_those_around_it() -> None:
    values = np.zeros((5, 5, 2), dtype=np.float32)
    values[..., 1] = 1
    values[2, 2] = np.nan
    assert (predict_labels(MeanNetwork(3, 2), unchanged(2), Scene(values)) == 1).all()


def test_what_does_not_fit_the_network_is_told() -> None:
    scene = Scene(np.ones((4, 4, 3), np.float32))
    with pytest.raises(InputError, match="trained on 5 bands, but the cube has 3"):
        predict_labels(MeanNetwork(3, 5), unchanged(5), scene)
    with pytest.raises(InputError, match="stride must be a whole number above 0; got 0"):
        predict_labels(MeanNetwork(3, 3), unchanged(3), scene, 0)
