"""Turn the labels that stand in files, names or numbers, into class ids."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hyperpoint.errors import ClassTableError, PointsError
from hyperpoint.io.classes import classes_from_names
from hyperpoint.types import IGNORE, MAX_CLASSES, ClassTable

# "3.0" is what spreadsheets and data frames make of 3 in a column with gaps.
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")


def label_ids(
    seen: Mapping[str, str], classes: ClassTable | None, declared: Sequence[str] = ()
) -> tuple[dict[str, int], ClassTable | None]:
    """Return the class id of every label, and the class table they belong to.

    With a class table a label is a name, or else an id. Without one, numbers are kept as they are, gaps included
    (and there is still no table), and names get ids in order of first appearance. Empty, or the number 255, is 255:
    a point that nobody annotated.

    Parameters
    ----------
    seen
        The distinct labels in order of first appearance; the values say where that was, for messages.
    classes
        The class table, or None.
    declared
        Names that the file lists beforehand: without a class table, these come first in the one that is made.

    Raises
    ------
    PointsError
        If a label is in no class, is a number out of range, or names and numbers are mixed without a class table.
    """
    texts = [text for text in seen if text]
    if classes is None and not any(_NUMBER.fullmatch(text) for text in texts) and texts:
        classes = _table_of_names(list(dict.fromkeys([*declared, *texts])), seen[texts[0]])
    names = {} if classes is None else {name.strip(): number for number, name in enumerate(classes.names)}
    ids = {"": IGNORE}
    for text in texts:
        ids[text] = names[text] if text in names else _number(text, seen[text], classes)
    return ids, classes


def _number(text: str, where: str, classes: ClassTable | None) -> int:
    number = float(text) if _NUMBER.fullmatch(text) else None
    if classes is not None:
        if number is None or not (number == IGNORE or (number.is_integer() and 0 <= number < len(classes))):
            raise PointsError(f"{where}: unknown class {text!r}; known are: {', '.join(classes.names)}")
        return int(number)
    if number is None:
        raise PointsError(
            f"{where}: the label {text!r} is a name but others are numbers; use one kind, or give a class table "
            f"(--classes)"
        )
    if not (number.is_integer() and 0 <= number <= IGNORE):
        raise PointsError(f"{where}: the label {text} must be a whole number 0..254 (255 or empty: not annotated)")
    return int(number)


def _table_of_names(names: list[str], where: str) -> ClassTable:
    try:
        return classes_from_names(names)
    except ClassTableError as error:
        raise PointsError(f"{where} and on: {len(names)} class names (at most {MAX_CLASSES}): {error}") from None
