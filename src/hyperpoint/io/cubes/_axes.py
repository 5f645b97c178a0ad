"""Which axis of a stored array is which: patterns such as "b r c" or "b (c=100 r=100)"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hyperpoint.errors import InputError

_TOKEN = re.compile(r"[()]|([rcb])(?:\s*=\s*([0-9]{1,12}))?(?![\w=])|\S+")
_EXAMPLES = 'such as "r c b", "b r c" or, for a matrix, "b (c=100 r=100)"'


@dataclass(frozen=True)
class Axes:
    """The axes of an array, slowest first; one that holds several is a group.

    groups: names (r, c, b) a stored axis. sizes: (name, length) of all three.
    """

    groups: tuple[str, ...]
    sizes: Mapping[str, int]

    @property
    def order(self) -> str:
        """The three axes once all groups are split, such as "bcr"."""
        return "".join(self.groups)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array once all groups are split."""
        return tuple(self.sizes[axis] for axis in self.order)

    def reversed(self) -> Axes:
        """Return the axes of the same memory read in Fortran order; what stands in a group keeps its order."""
        return Axes(self.groups[::-1], self.sizes)


def parse_axes(pattern: str, shape: tuple[int, ...], known: Mapping[str, int] | None = None) -> Axes:
    """Read a pattern for an array of `shape`.

    Parameters
    ----------
    pattern
        Names r, c and b once each, in the order of the array's axes; names in brackets share an axis, the last one
        running fastest. "=" gives a length, which a group needs but for one of its names.
    known
        Lengths that the file states beside the array.

    Raises
    ------
    InputError
        If the pattern is malformed or does not fit the shape.
    """
    groups, sizes = _parse_groups(pattern)
    if len(groups) != len(shape):
        raise InputError(
            f'the axes "{pattern}" are {len(groups)}, the array has {len(shape)} ({_times(shape)}); give one for each, '
            f"{_EXAMPLES}"
        )
    for group, length in zip(groups, shape, strict=True):
        if len(group) > 1:
            sizes = {**{axis: size for axis, size in (known or {}).items() if axis in group}, **sizes}
            _fill_in(sizes, group, length)
        stated = [sizes.setdefault(axis, length) for axis in group]
        product = stated[0] * (stated[1] if len(stated) > 1 else 1)
        if product != length:
            raise InputError(
                f'the axes "{pattern}" do not fit the array of {_times(shape)}: {" x ".join(group)} is {product} and '
                f"should be {length}"
            )
    return Axes(tuple(groups), sizes)


def _parse_groups(pattern: str) -> tuple[list[str], dict[str, int]]:
    groups: list[str] = []
    sizes: dict[str, int] = {}
    is_open = False
    for match in _TOKEN.finditer(pattern):
        token, axis = match[0], match[1]
        if token == "(" and not is_open:
            is_open = True
            groups.append("")
        elif token == ")" and is_open and groups[-1]:
            is_open = False
        elif axis is not None and is_open:
            groups[-1] += axis
        elif axis is not None:
            groups.append(axis)
        else:
            raise InputError(f'the axes "{pattern}" cannot be read at {token!r}; give r, c and b, {_EXAMPLES}')
        if axis is not None and match[2]:
            sizes[axis] = int(match[2])
    # A group may hold r and c only: bands that share an axis with pixels have no use.
    if is_open or sorted("".join(groups)) != ["b", "c", "r"] or "b" not in groups:
        raise InputError(f'the axes "{pattern}" must name r, c and b once each, b on its own, {_EXAMPLES}')
    return groups, sizes


def _fill_in(sizes: dict[str, int], group: str, length: int) -> None:
    """Find the one length of a group that is not stated."""
    missing = [axis for axis in group if axis not in sizes]
    if len(missing) > 1:
        raise InputError(
            f"the array's axis of {length} pixels can be split in many ways; say how, {_EXAMPLES} (the last one in "
            f"the brackets runs fastest)"
        )
    if missing:
        other = next(sizes[axis] for axis in group if axis in sizes)
        if other == 0 or length % other:
            raise InputError(f"an axis of {length} pixels cannot be split into lines of {other}")
        sizes[missing[0]] = length // other


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
