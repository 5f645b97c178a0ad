from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperpoint.catalog.splitting import take_validation
from hyperpoint.errors import InputError
from hyperpoint.io.manifest import ManifestRow


def rows_of(*ids: str, split: str = "train") -> list[ManifestRow]:
    return [ManifestRow(one, split, Path(f"{one}.png"), None) for one in ids]


@given(st.integers(2, 60), st.floats(0.01, 0.99), st.integers(0, 100))
def test_the_fraction_is_taken_and_test_left_alone(num: int, fraction: float, seed: int) -> None:
    rows = rows_of(*map(str, range(num))) + rows_of("t", split="test")
    taken = take_validation(rows, fraction, seed)
    splits = [row.split for row in taken]
    assert splits.count("val") == min(max(1, round(fraction * num)), num - 1)
    assert (splits[-1], splits.count("test")) == ("test", 1)
    assert [row.id for row in taken] == [row.id for row in rows]


def test_neither_order_nor_place_decides() -> None:
    rows = rows_of(*"abcdefghij")
    first = {row.id for row in take_validation(rows, 0.3, 5) if row.split == "val"}
    moved = [ManifestRow(row.id, "train", Path("elsewhere") / row.image, None) for row in reversed(rows)]
    assert {row.id for row in take_validation(moved, 0.3, 5) if row.split == "val"} == first
    others = [{row.id for row in take_validation(rows, 0.3, seed) if row.split == "val"} for seed in range(10)]
    assert any(other != first for other in others)


@pytest.mark.parametrize("pattern", ["^[^_]+", "^([^_]+)_"])
def test_groups_stay_together(pattern: str) -> None:
    rows = rows_of(*(f"place{place}_{number}" for place in range(6) for number in range(5)))
    taken = take_validation(rows, 0.3, 1, pattern)
    groups = {row.split: {other.id[:6] for other in taken if other.split == row.split} for row in taken}
    assert not groups["train"] & groups["val"]
    assert sum(row.split == "val" for row in taken) == 10


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (rows_of("a", "b"), {"fraction": 1.0}, "between 0 and 1; got 1.0"),
        (rows_of("a", "b") + rows_of("c", split="val"), {"fraction": 0.5}, "validation images already"),
        (rows_of("a") + rows_of("c", split="test"), {"fraction": 0.5}, "there is but 1 image in the split 'train'"),
        (rows_of("a_1", "a_2"), {"fraction": 0.5, "split_by": "^a"}, "there is but 1 group of images by '\\^a'"),
        (rows_of("a", "b"), {"fraction": 0.5, "split_by": "["}, "no regular expression"),
        (rows_of("a", "b"), {"fraction": 0.5, "split_by": "a"}, "finds nothing in the id 'b'"),
    ],
)
def test_what_cannot_be_divided_is_told(rows: list[ManifestRow], options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        take_validation(rows, **options)  # type: ignore[arg-type]
