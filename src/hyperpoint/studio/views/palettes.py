"""Palettes of the canvas: (256, 4) uint8, a colour and its opacity for every byte."""

from __future__ import annotations

import numpy as np

from hyperpoint.errors import InputError
from hyperpoint.types import IGNORE, UInt8Array


def grey() -> UInt8Array:
    """Return the palette of a single band: 0 is black, 255 is white."""
    return with_opacity(np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1))


def heat() -> UInt8Array:
    """Return the palette of the confidence, dark where it is low: even in lightness, also for the colour-blind."""
    from bokeh.palettes import Viridis256

    return with_opacity(np.array([list(bytes.fromhex(color[1:])) for color in Viridis256], dtype=np.uint8))


def classes(colors: UInt8Array) -> UInt8Array:
    """Return the palette of labels, from (256, 3) uint8 colours: unlabelled (255) is transparent."""
    palette = with_opacity(colors).copy()
    palette[IGNORE] = 0
    return palette


def lines(color: tuple[int, int, int], opacity: float) -> UInt8Array:
    """Return the palette of a mask: transparent where it is 0, of one colour where not."""
    palette = np.zeros((256, 4), dtype=np.uint8)
    palette[1:] = (*color, round(255 * opacity))
    return palette


def with_opacity(palette: UInt8Array) -> UInt8Array:
    """Return a palette with opacities: (256, 3) gets full opacity, (256, 4) stays.

    Raises
    ------
    InputError
        If the shape or the type is another.
    """
    if palette.ndim != 2 or len(palette) != 256 or palette.shape[1] not in (3, 4) or palette.dtype != np.uint8:
        raise InputError(f"a palette must be (256, 3) or (256, 4) uint8; got {palette.dtype} of shape {palette.shape}")
    if palette.shape[1] == 4:
        return palette
    return np.concatenate([palette, np.full((256, 1), 255, dtype=np.uint8)], axis=1)
