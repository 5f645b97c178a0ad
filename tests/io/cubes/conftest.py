"""What several tests of cube readers need: a tiny cube, and a writer of ENVI files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

WriteEnvi = Callable[..., Path]

_CODES = {"u1": 1, "i2": 2, "i4": 3, "f4": 4, "f8": 5, "c8": 6, "c16": 9, "u2": 12, "u4": 13, "i8": 14, "u8": 15}
_ORDERS = {"bsq": (2, 0, 1), "bil": (0, 2, 1), "bip": (0, 1, 2)}


@pytest.fixture
def tiny() -> NDArray[np.float32]:
    """(5, 4, 3) float32, every sample different, small negatives among them."""
    return np.linspace(-0.25, 7.125, 60, dtype=np.float32).reshape(5, 4, 3)  # in eighths, so exact


@pytest.fixture
def write_envi() -> WriteEnvi:
    """Write (header, data) of an array (rows, cols, bands); returns the header's path."""

    def write(
        folder: Path,
        values: NDArray[Any],
        interleave: str = "bil",
        *,
        name: str = "scene",
        suffix: str = ".dat",
        big_endian: bool = False,
        offset: int = 0,
        pack: Callable[[bytes], bytes] = bytes,
        **fields: str | None,
    ) -> Path:
        stored = values.transpose(_ORDERS.get(interleave, _ORDERS["bil"]))
        dtype = values.dtype.newbyteorder(">" if big_endian else "<")
        rows, cols, bands = values.shape
        header: dict[str, str | None] = {
            "samples": str(cols),
            "lines": str(rows),
            "bands": str(bands),
            "header offset": str(offset),
            "data type": str(_CODES[values.dtype.str[1:]]),
            "interleave": interleave,
            "byte order": "1" if big_endian else "0",
        }
        header |= {key.replace("_", " "): value for key, value in fields.items()}
        lines = [f"{key} = {value}" for key, value in header.items() if value is not None]
        (folder / f"{name}{suffix}").write_bytes(pack(b"\x7f" * offset + stored.astype(dtype).tobytes()))
        path = folder / f"{name}.hdr"
        path.write_text("\n".join(["ENVI", *lines, ""]), encoding="utf-8")
        return path

    return write
