from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hyperpoint.catalog.truth import read_truth, white_mask
from hyperpoint.errors import ClassTableError, InputError, MissingFileError
from hyperpoint.types import ClassTable, Truth

CLASSES = ClassTable(("brick", "board"), ((200, 80, 60), (250, 250, 240)))


def test_a_palette_holds_ids_whatever_its_colours(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[0, 1, 7, 255]], dtype=np.uint8))
    image.putpalette(bytes(range(256)) * 3)
    image.save(tmp_path / "palette.png")
    assert read_truth(tmp_path / "palette.png").labels.tolist() == [[0, 1, 7, 255]]


def test_grey_holds_ids_even_if_a_class_table_is_given(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 18], [255, 3]], dtype=np.uint8)).save(tmp_path / "grey.png")
    assert read_truth(tmp_path / "grey.png", CLASSES).labels.tolist() == [[0, 18], [255, 3]]


def test_colours_are_looked_up_and_black_is_unlabelled(tmp_path: Path) -> None:
    picture = np.array([[CLASSES.colors[1], CLASSES.colors[0], (0, 0, 0)]], dtype=np.uint8)
    Image.fromarray(picture).save(tmp_path / "colours.png")
    assert read_truth(tmp_path / "colours.png", CLASSES).labels.tolist() == [[1, 0, 255]]
    with pytest.raises(InputError, match="--classes"):
        read_truth(tmp_path / "colours.png")


def test_an_unknown_colour_is_named_and_counted(tmp_path: Path) -> None:
    picture = np.full((2, 3, 3), CLASSES.colors[0], dtype=np.uint8)
    picture[1, :2] = (1, 2, 3)
    Image.fromarray(picture).save(tmp_path / "colours.png")
    with pytest.raises(ClassTableError, match=r"2 pixels .*\(1, 2, 3\)"):
        read_truth(tmp_path / "colours.png", CLASSES)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        read_truth(tmp_path / "none.png")


def test_the_white_mask_tells_the_panel_and_nothing_else() -> None:
    truth = Truth(np.array([[0, 1], [1, 255]], dtype=np.uint8))
    assert white_mask(truth, 1).tolist() == [[False, True], [True, False]]
    with pytest.raises(InputError, match="class 4, the white reference"):
        white_mask(truth, 4)
