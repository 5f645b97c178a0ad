from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.errors import InputError
from hyperpoint.io.images import write_png
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.io.masks import write_confidence, write_mask
from hyperpoint.io.pairs import check_pair, check_pairs
from hyperpoint.types import ClassTable

TABLE = ClassTable(("wall", "door"), ((200, 80, 60), (0, 0, 255)))


def make_row(folder: Path, name: str = "1") -> ManifestRow:
    rng = np.random.default_rng(0)
    write_png(folder / f"{name}.png", rng.integers(0, 255, (40, 60, 3), dtype=np.uint8))
    labels = np.zeros((40, 60), np.uint8)
    labels[:10], labels[10:30] = 1, 255
    write_mask(folder / f"{name}_mask.png", labels)
    write_confidence(folder / f"{name}_c.png", np.ones((40, 60), np.float32))
    return ManifestRow(
        name, "train", folder / f"{name}.png", folder / f"{name}_mask.png", confidence=folder / f"{name}_c.png"
    )


def test_pixels_of_each_class_are_counted(tmp_path: Path) -> None:
    assert check_pair(make_row(tmp_path), TABLE).tolist() == [600, 600]


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    rows = [make_row(tmp_path, str(number)) for number in range(8)]
    rows[0].image.write_bytes(rows[0].image.read_bytes()[:3000])
    write_mask(tmp_path / "1_mask.png", np.zeros((60, 40), np.uint8))
    write_mask(tmp_path / "2_mask.png", np.full((40, 60), 2, np.uint8))
    write_confidence(tmp_path / "3_c.png", np.ones((4, 6), np.float32))
    rows[4].image.unlink()
    rows[5] = replace(rows[5], label=None)
    (tmp_path / "6_mask.png").write_bytes(b"no picture")
    seen: list[tuple[int, int, str]] = []
    with pytest.raises(InputError) as caught:
        check_pairs(rows, TABLE, lambda *step: seen.append(step))
    message = str(caught.value)
    assert message.startswith("7 of 8 images cannot be used: ")
    for part in (
        "0.png is damaged or incomplete",
        "1_mask.png has 60 x 40 pixels, its image",
        "2_mask.png holds class 2, but the class table ends with class 1",
        "3_c.png has 4 x 6 pixels, its mask 40 x 60",
        "4.png does not exist",
        "; and 2 more",
    ):
        assert part in message
    assert seen == [(number + 1, 8, f"{number}.png") for number in range(8)]


def test_counts_come_in_the_order_of_the_rows(tmp_path: Path) -> None:
    rows = [make_row(tmp_path, str(number)) for number in range(3)]
    write_mask(tmp_path / "1_mask.png", np.ones((40, 60), np.uint8))
    assert check_pairs(rows, TABLE).tolist() == [[600, 600], [0, 2400], [600, 600]]


def test_a_further_check_counts_too(tmp_path: Path) -> None:
    def refuse(row: ManifestRow) -> None:
        raise InputError(f"{row.id} is out")

    with pytest.raises(InputError, match="1 of 1 images cannot be used: 1 is out"):
        check_pairs([make_row(tmp_path)], TABLE, also=refuse)
