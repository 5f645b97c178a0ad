"""Makers of inputs: functions of a random generator, small ones put together to larger ones.

Not strategies of Hypothesis throughout, which spends ten times longer on drawing an input than most readers on reading
it; it draws the number that seeds a maker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")
U = TypeVar("U")
Make = Callable[[Random], T]


def just(value: T) -> Make[T]:
    """Return a maker of always the same."""
    return lambda rng: value


def choice(values: Sequence[T]) -> Make[T]:
    """Return a maker that picks one of some values."""
    return lambda rng: rng.choice(values)


def one_of(*makes: Make[T]) -> Make[T]:
    """Return a maker that asks one of others."""
    return lambda rng: rng.choice(makes)(rng)


def built(call: Callable[..., U], *makes: Make[Any]) -> Make[U]:
    """Return a maker that calls a function with what others make."""
    return lambda rng: call(*(make(rng) for make in makes))


def several(make: Make[T], least: int, most: int) -> Make[list[T]]:
    """Return a maker of lists of `least` to `most` things."""
    return lambda rng: [make(rng) for _ in range(rng.randint(least, most))]


def few(rng: Random, most: int) -> int:
    """Return how many changes to make: 1 in half of all cases, 2 in a quarter, and so on."""
    number = 1
    while number < most and rng.random() < 0.5:
        number += 1
    return number
