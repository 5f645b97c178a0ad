from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hyperpoint.errors import InputError
from hyperpoint.io.classes import classes_from_names
from hyperpoint.io.images import read_rgb
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.segment.confusion_picture import _CELL, _MARGIN, draw_confusion_matrix


def draw(
    path: Path, truth: list[int], predicted: list[int], num: int = 3
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    matrix = ConfusionMatrix(num)
    matrix.update(np.array(predicted, np.uint8), np.array(truth, np.uint8))
    draw_confusion_matrix(path, matrix, classes_from_names([f"class {number}" for number in range(num)]))
    return read_rgb(path)


def test_the_darker_the_more(tmp_path: Path) -> None:
    picture = draw(tmp_path / "m.png", [0] * 10 + [1] * 10, [0] * 10 + [1] * 8 + [0] * 2).astype(int)
    bottom = picture.shape[0] - _MARGIN
    rows = [bottom - 2 * _CELL + 4, bottom - _CELL + 4]
    # Two classes of the three occur; in each row the cells stand left to right.
    darkness = 255 * 3 - picture[rows].sum(axis=2)
    first, second = (np.flatnonzero(row > 60) for row in darkness)
    assert len(first) > _CELL / 2
    assert second.max() - second.min() > _CELL
    width = darkness[1]
    left, right = width[second.min() + 4], width[second.max() - 4]
    assert right > left > 0
    assert darkness[0, first.min() + 4] > right


def test_many_classes_with_long_names(tmp_path: Path) -> None:
    ids = list(range(40))
    matrix = ConfusionMatrix(40)
    matrix.update(np.array(ids, np.uint8), np.array(ids[::-1], np.uint8))
    classes = classes_from_names([f"{number} a name that is much too long to be shown" for number in ids])
    draw_confusion_matrix(tmp_path / "m.png", matrix, classes)
    assert read_rgb(tmp_path / "m.png").shape[0] < 1000


def test_nothing_to_draw(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="without a pixel"):
        draw(tmp_path / "m.png", [255], [0])
    assert list(tmp_path.iterdir()) == []
