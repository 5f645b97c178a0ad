"""Bytes that are nearly those of a valid file."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from random import Random

from tests.fuzz.making import Make, few

_WHOLES = (0, 1, 2, 7, 127, 128, 255, 256, 32767, 32768, 65535, 1 << 20, (1 << 31) - 1, 1 << 31, (1 << 32) - 1)
_LONGS = (*_WHOLES, 1 << 40, (1 << 63) - 1, (1 << 64) - 1)
_FLOATS = (0.0, -0.0, 1e-300, 1e300, float("inf"), float("-inf"), float("nan"))

_MOST_EDITS = 8
_HEADER_BYTES = 160


def mutated(seeds: Sequence[bytes], words: Sequence[bytes] = ()) -> Make[bytes]:
    """Return a maker of one of the seeds with a few edits; `words` are put in now and then."""

    def make(rng: Random) -> bytes:
        data = rng.choice(seeds)
        for _ in range(few(rng, _MOST_EDITS)):
            # Headers stand in front.
            at = rng.randint(0, min(len(data), _HEADER_BYTES) if rng.random() < 0.3 else len(data))
            kind = rng.choice(_KINDS_WITH_WORDS if words else _KINDS)
            data = kind(data, at, rng.randrange(256), words, rng.choice(seeds))
        return data

    return make


def _flip(data: bytes, at: int, value: int, words: Sequence[bytes], other: bytes) -> bytes:
    return data[:at] + bytes(byte ^ (1 << value % 8) for byte in data[at : at + 1]) + data[at + 1 :]


def _replace(data: bytes, at: int, value: int, words: Sequence[bytes], other: bytes) -> bytes:
    return data[:at] + bytes([value]) + data[at + 1 :]


def _put_number(data: bytes, at: int, value: int, words: Sequence[bytes], other: bytes) -> bytes:
    order, kind, which = "<>"[value & 1], (value >> 1) % 4, value >> 3
    if kind == 0:
        number = struct.pack(f"{order}H", _WHOLES[which % len(_WHOLES)] & 0xFFFF)
    elif kind == 1:
        number = struct.pack(f"{order}I", _WHOLES[which % len(_WHOLES)])
    elif kind == 2:
        number = struct.pack(f"{order}Q", _LONGS[which % len(_LONGS)])
    else:
        number = struct.pack(f"{order}d", _FLOATS[which % len(_FLOATS)])
    return data[:at] + number + data[at + len(number) :]


def _cut(data: bytes, at: int, value: int, words: Sequence[bytes], other: bytes) -> bytes:
    return data[:at] + data[at + 1 + value % 32 :]


def _end(data: bytes, at: int, value: int, words: Sequence[bytes], other: bytes) -> bytes:
    return data[:at] if value < 128 else data + bytes(value - 127)


def _repeat(data: bytes, at: int, value: int, words: Sequence[bytes], other: bytes) -> bytes:
    piece = data[at : at + 1 + value % 32]
    return data[:at] + piece * (2 + value % 3) + data[at + len(piece) :]


def _put_word(data: bytes, at: int, value: int, words: Sequence[bytes], other: bytes) -> bytes:
    word = words[value % len(words)]
    return data[:at] + word + data[at + (len(word) if value & 1 else 0) :]


def _splice(data: bytes, at: int, value: int, words: Sequence[bytes], other: bytes) -> bytes:
    start = value * (len(other) + 1) >> 8
    return data[:at] + other[start : start + 64]


_Edit = Callable[[bytes, int, int, Sequence[bytes], bytes], bytes]
_KINDS: tuple[_Edit, ...] = (_flip, _replace, _put_number, _cut, _end, _repeat, _splice)
_KINDS_WITH_WORDS = (*_KINDS, _put_word, _put_word, _put_word)
