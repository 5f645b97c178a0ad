"""A confusion matrix as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hyperpoint.errors import InputError
from hyperpoint.io.files import StrPath
from hyperpoint.io.images import save_png
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.types import ClassTable

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

_INK, _GRID, _PAPER = (40, 40, 40), (225, 225, 225), (255, 255, 255)
_FULL = np.array((0, 90, 150))  # a share of 1; white is 0
_FONT_SIZE, _NUMBER_SIZE = 13, 11
_CELL, _SMALL_CELL = 38, 16
# Above, cells are too small for numbers.
_MAX_NUMBERED = 32
_MAX_NAME = 28
_MARGIN, _GAP = 12, 8
_TITLE = "Predicted, in % of the row's true pixels"


def draw_confusion_matrix(path: StrPath, matrix: ConfusionMatrix, classes: ClassTable) -> None:
    """Draw which share of the pixels of each class (row) got which label (column), in per cent, as PNG.

    Classes that are neither in the truth nor predicted are left out.

    Raises
    ------
    InputError
        If no pixel was counted, or the file cannot be written.
    """
    from PIL import Image, ImageDraw, ImageFont

    shown = [score.id for score in matrix.per_class]
    if not shown:
        raise InputError("a confusion matrix without a pixel cannot be drawn")
    names = [_shortened(classes.names[number]) for number in shown]
    font, small = ImageFont.load_default(_FONT_SIZE), ImageFont.load_default(_NUMBER_SIZE)
    longest = int(max(font.getlength(name) for name in names)) + _GAP
    cell = _CELL if len(shown) <= _MAX_NUMBERED else _SMALL_CELL
    left, top = _MARGIN + 20 + longest, _MARGIN + 20 + longest
    side = cell * len(shown)
    width = max(left + side, _MARGIN + int(font.getlength(_TITLE))) + _MARGIN
    image = Image.new("RGB", (width, top + side + _MARGIN), _PAPER)
    draw = ImageDraw.Draw(image)
    _draw_cells(draw, _shares(matrix, shown), (left, top), cell, small)
    for number, name in enumerate(names):
        middle = top + cell * number + cell // 2
        draw.text((left - _GAP, middle), name, _INK, font=font, anchor="rm")
        _draw_upright(image, name, (left + cell * number + cell // 2, top - _GAP), longest, font)
    draw.text((_MARGIN, _MARGIN), _TITLE, _INK, font=font, anchor="lt")
    draw.text((left - _GAP, top - _GAP), "true", _INK, font=font, anchor="rb")
    save_png(path, image)


def _shares(matrix: ConfusionMatrix, shown: list[int]) -> NDArray[np.float64]:
    """Return (n, n) shares of each row; NaN in rows of classes that are not in the truth."""
    counts = matrix.counts[np.ix_(shown, shown)].astype(np.float64)
    support = matrix.support[shown][:, None].astype(np.float64)
    return np.divide(counts, support, out=np.full_like(counts, np.nan), where=support > 0)


def _draw_cells(draw: ImageDraw, shares: NDArray[np.float64], corner: tuple[int, int], cell: int, font: object) -> None:
    for (row, col), share in np.ndenumerate(shares):
        x, y = corner[0] + cell * col, corner[1] + cell * row
        fill = _GRID
        if not np.isnan(share):
            # The root shows small confusions, too.
            shade = np.rint(255 + (_FULL - 255) * np.sqrt(share)).astype(int)
            fill = (int(shade[0]), int(shade[1]), int(shade[2]))
        draw.rectangle((x, y, x + cell, y + cell), fill, _GRID)
        if len(shares) <= _MAX_NUMBERED and share >= 0.0005:
            ink = _PAPER if share > 0.3 else _INK
            text = f"{100 * share:.0f}" if share > 0.0995 else f"{100 * share:.1f}"
            draw.text((x + cell / 2, y + cell / 2), text, ink, font=font, anchor="mm")  # type: ignore[arg-type]


def _draw_upright(image: object, name: str, foot: tuple[int, int], length: int, font: object) -> None:
    from PIL import Image, ImageDraw

    label = Image.new("RGB", (length, _FONT_SIZE + 4), _PAPER)
    ImageDraw.Draw(label).text((0, label.height / 2), name, _INK, font=font, anchor="lm")  # type: ignore[arg-type]
    turned = label.rotate(90, expand=True)
    image.paste(turned, (foot[0] - turned.width // 2, foot[1] - turned.height))  # type: ignore[attr-defined]


def _shortened(name: str) -> str:
    return name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME - 1]}…"
