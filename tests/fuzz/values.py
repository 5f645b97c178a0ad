"""JSON and TOML values that are nearly those of a valid file, and texts that nobody thinks of."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from copy import deepcopy
from random import Random
from typing import Any

from tests.fuzz.making import Make, few

_MOST_EDITS = 6

# Pieces of texts that parsers are known to stumble over.
WORDS = (
    b"\0", b"\r", b"\n", b"\r\n", b'"', b"'", b",", b";", b"{", b"}", b"[", b"]", b"=", b"#", b"\\", b"\xef\xbb\xbf",
    b"\xff\xfe", b"\xe9", "é".encode(), "\u2028".encode(), "\u0661\u0662".encode(), "\u00b2".encode(), b"nan", b"inf",
    b"-1", b"1e999", b"-0", b"0.5", b"0x10", b"1_000", b"true", b"null", b"NaN", b"-Infinity", b"9" * 30, b"9" * 4400,
    b"\\ud800", b"\\u0000", b"../../x", b"/etc/passwd", b"~", b"%s%n", b"a" * 300, b"[" * 2000, b'{"a":' * 2000,
    b"1979-13-40", b"'''", b'"""', b"[[a]]", b"a.b.c = 1", b"255", b"256", b" ", b"\t",
)  # fmt: skip

_TEXTS = ("", " ", "a", "\0", "a\0b", "\ud800", "../../x", "/x", "nan", "1e400", "9" * 40, "x" * 300, "wall", "\n", "²")
_NUMBERS = (
    0, 1, -1, 2, 3, 7, 90, 254, 255, 256, 65536, 1 << 20, 1 << 31, 1 << 40, 1 << 62, 1 << 63, 1 << 64, -(1 << 63),
    10**30, 10**400, 0.5, -0.5, 1e-300, 1e18, 1e300, math.inf, -math.inf, math.nan,
)  # fmt: skip
_OTHERS: tuple[Any, ...] = (
    None, True, False, [], {}, [[]], [None], [{}], {"": 0}, {"a": {"a": []}}, [0] * 40, [1, 2, 3], [0, 0], [[0, 0]] * 3,
    [1 << 40] * 2, ["a", "b"], {"name": "wall", "color": [1, 2, 3]},
)  # fmt: skip
STRANGE: tuple[Any, ...] = (*_TEXTS, *_NUMBERS, *_OTHERS)


def changed(seeds: Sequence[Any]) -> Make[Any]:
    """Return a maker of one of some JSON values with a few of its parts replaced, taken out or doubled."""

    def make(rng: Random) -> Any:
        root = {"": deepcopy(rng.choice(seeds))}
        for _ in range(few(rng, _MOST_EDITS)):
            holder, key = rng.choice(list(_spots(root)))
            _change(rng, holder, key, is_root=holder is root)
        return root[""]

    return make


def strange(rng: Random) -> Any:
    """Return a JSON value that is likely wrong wherever it is put."""
    if rng.random() < 0.8:
        return deepcopy(rng.choice(STRANGE))
    parts = [deepcopy(rng.choice(STRANGE)) for _ in range(rng.randint(0, 4))]
    return parts if rng.random() < 0.5 else dict(zip(("a", "name", "id", "label"), parts, strict=False))


def as_json(value: Any) -> bytes:
    """Write a value as JSON, NaN, lone surrogates and all."""
    return json.dumps(value).encode("ascii")


def as_toml(table: Any) -> bytes:
    """Write a value as TOML, tables in one line; what TOML has no word for becomes a text."""
    if not isinstance(table, dict):
        return b"value = " + _toml(table).encode("utf-8", "replace")
    lines = (f"{json.dumps(key)} = {_toml(value)}" for key, value in table.items())
    return "\n".join(lines).encode("utf-8", "replace") + b"\n"


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return json.dumps("none" if value is None else value)


def _change(rng: Random, holder: Any, key: Any, *, is_root: bool) -> None:
    kind = "replace" if is_root else rng.choice(("replace", "replace", "replace", "remove", "double", "rename"))
    if kind == "remove":
        del holder[key]
    elif kind == "double" and isinstance(holder, list):
        holder.insert(key, deepcopy(holder[key]))
    elif kind == "rename" and isinstance(holder, dict):
        holder[str(strange(rng))[:20]] = holder.pop(key)
    else:
        holder[key] = strange(rng)


def _spots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every (holder, key) of a nested value."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from _spots(value[key])
