"""Small pictures of scenes for the list, kept on disk."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np

from hyperpoint.errors import InputError
from hyperpoint.io.files import atomic_path
from hyperpoint.io.images import open_picture
from hyperpoint.preprocess.rendering import rgb_weights, to_picture
from hyperpoint.types import Scene, UInt8Array

logger = logging.getLogger(__name__)

SIDE = 160
_SIGNATURE = "hyperpoint source"  # keyword of the text in the PNG that says what it was made from


def coarse_rgb(scene: Scene) -> UInt8Array:
    """Return the rgb image of a scene, with no side longer than `SIDE` pixels, (h, w, 3) uint8.

    Without an rgb image one is rendered from as many spectra as it has pixels, so that a large cube is not read whole.
    """
    size = scene.size
    small = tuple(max(1, round(side * min(1.0, SIDE / max(size)))) for side in size)
    if scene.rgb is not None:
        import cv2

        return np.asarray(cv2.resize(scene.rgb, small[::-1], interpolation=cv2.INTER_AREA), dtype=np.uint8)
    middles = [(2 * np.arange(num) + 1) * side // (2 * num) for num, side in zip(small, size, strict=True)]
    places = np.stack(np.meshgrid(*middles, indexing="ij")).reshape(2, -1)
    spectra = scene.cube.pixels(*places)
    weights, _ = rgb_weights(scene.cube)
    used = np.flatnonzero(weights.any(axis=1))
    with np.errstate(invalid="ignore"):
        linear = spectra[:, used] @ weights[used]
    return to_picture(linear.reshape(*small, 3))


def cached_thumbnail(path: Path, signature: str, render: Callable[[], UInt8Array]) -> bytes:
    """Return the thumbnail that lies at `path` if it was made from the same source, else a new one, kept there.

    Parameters
    ----------
    path
        A PNG; folders are made. Where it cannot be written, the thumbnail is made again every time.
    signature
        Changes when the source does.
    render
        Makes the picture, (h, w, 3) uint8.

    Returns
    -------
    PNG.
    """
    kept = _kept(path, signature)
    if kept is not None:
        return kept
    content = as_png(render(), signature)
    try:
        with atomic_path(path, parents=True) as temporary:
            temporary.write_bytes(content)
    except (InputError, OSError) as error:
        logger.debug("the thumbnail is not kept: %s", error)
    return content


def _kept(path: Path, signature: str) -> bytes | None:
    if not path.is_file():
        return None
    try:
        return path.read_bytes() if open_picture(path).info.get(_SIGNATURE) == signature else None
    except (InputError, OSError) as error:
        logger.debug("the thumbnail is made anew: %s", error)
        return None


def as_png(picture: UInt8Array, signature: str = "") -> bytes:
    """Return a picture, (h, w, 3) uint8, as PNG; `signature` is written into it."""
    from PIL import Image, PngImagePlugin

    text = PngImagePlugin.PngInfo()
    text.add_text(_SIGNATURE, signature)
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, format="PNG", pnginfo=text)
    return stream.getvalue()
