"""Patterns of axes."""

from __future__ import annotations

import pytest

from hyperpoint.errors import InputError
from hyperpoint.io.cubes._axes import parse_axes


@pytest.mark.parametrize(
    ("pattern", "shape", "known", "order", "split"),
    [
        ("r c b", (2, 3, 4), {}, "rcb", (2, 3, 4)),
        ("  b  r=3 c", (2, 3, 4), {}, "brc", (2, 3, 4)),
        ("b (c=3 r=2)", (4, 6), {}, "bcr", (4, 3, 2)),
        ("b (c r=2)", (4, 6), {}, "bcr", (4, 3, 2)),
        ("( r=2 c )b", (6, 4), {}, "rcb", (2, 3, 4)),
        ("b (c r)", (4, 6), {"r": 2, "c": 3}, "bcr", (4, 3, 2)),
        ("b (c=6 r)", (4, 6), {"c": 3}, "bcr", (4, 6, 1)),  # what the user says prevails
        ("r c b", (2, 3, 4), {"r": 9}, "rcb", (2, 3, 4)),  # of no concern where nothing is split
    ],
)
def test_known_answers(
    pattern: str, shape: tuple[int, ...], known: dict[str, int], order: str, split: tuple[int, ...]
) -> None:
    axes = parse_axes(pattern, shape, known)
    assert (axes.order, axes.shape) == (order, split)


def test_reversed_keeps_the_order_inside_a_group() -> None:
    axes = parse_axes("b (c=3 r=2)", (4, 6)).reversed()
    assert (axes.order, axes.shape) == ("crb", (3, 2, 4))


@pytest.mark.parametrize(
    ("pattern", "shape", "told"),
    [
        ("r c", (2, 3), "once each"),
        ("r c b b", (1, 1, 1, 1), "once each"),
        ("(r b) c", (6, 4), "b on its own"),
        ("r (c b", (2, 3), "once each"),
        ("r c b)", (2, 3, 4), "cannot be read at"),
        ("rcb", (2, 3, 4), "cannot be read at 'rcb'"),
        ("x y b", (2, 3, 4), "cannot be read at 'x'"),
        ("r=two c b", (2, 3, 4), "cannot be read"),
        ("", (2, 3, 4), "once each"),
        ("r c b", (2, 3), r"are 3, the array has 2 \(2 x 3\)"),
        ("b (c r)", (4, 6), "split in many ways"),
        ("b (c=4 r)", (4, 6), "cannot be split into lines of 4"),
        ("b (c=0 r)", (4, 6), "cannot be split into lines of 0"),
        ("b (c=2 r=2)", (4, 6), "c x r is 4 and should be 6"),
        ("r=5 c b", (2, 3, 4), "r is 5 and should be 2"),
    ],
)
def test_errors(pattern: str, shape: tuple[int, ...], told: str) -> None:
    with pytest.raises(InputError, match=told):
        parse_axes(pattern, shape)
