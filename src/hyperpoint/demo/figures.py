"""Pictures in a page that needs nothing beside it."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from hyperpoint.types import IGNORE, ClassTable, LabelArray, UInt8Array


def photo_url(image: UInt8Array) -> str:
    """Return an rgb image (H, W, 3) as a data URL, compressed as a photo."""
    return _data_url(image, "JPEG", quality=88)


def labels_url(labels: LabelArray, classes: ClassTable) -> str:
    """Return labels (H, W), 255 = unlabelled, in the colours of their classes as a data URL."""
    return _data_url(np.asarray(classes.palette()[labels], dtype=np.uint8), "PNG", optimize=True)


def figure_grid(figures: Iterable[tuple[str, str]]) -> str:
    """Return figures, each a caption and the URL of a picture, as HTML."""
    shown = (
        f"<figure><img src='{url}' alt='{escape(caption)}' loading='lazy'><figcaption>{escape(caption)}</figcaption>"
        "</figure>"
        for caption, url in figures
    )
    return "<div class='grid'>" + "\n".join(shown) + "</div>"


def legend(classes: ClassTable, labels: Sequence[LabelArray]) -> str:
    """Return the colours and names of the classes that occur in label images, as HTML."""
    ids = sorted({one for image in labels for one in np.unique(image).tolist()} - {IGNORE})
    entries = (
        f"<li><i style='background:rgb{classes.colors[label]}'></i>{escape(classes.names[label])}</li>" for label in ids
    )
    return f"<ul class='legend'>{''.join(entries)}</ul>"


def _data_url(image: UInt8Array, kind: str, **options: int | bool) -> str:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(image).save(stream, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"
