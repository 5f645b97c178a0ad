"""Amounts of memory as people write them."""

from __future__ import annotations

import re

import click

_UNITS = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}


class Size(click.ParamType[int]):
    """An amount of memory: "8G", "1500M", "7.5GiB"."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return how many bytes the text means."""
        parts = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?I?)B?", str(value).strip().upper())
        if parts is None or parts[2] not in _UNITS or not (size := int(float(parts[1]) * _UNITS[parts[2]])):
            self.fail(f"expected an amount such as 8G, 1500M or 7.5GiB; got {value!r}", param, ctx)
        return size
