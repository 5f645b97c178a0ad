"""The cards that say what the annotation is worth and where to click next."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hyperpoint.studio.classes import color_to_hex
from hyperpoint.studio.editing import Pixel
from hyperpoint.studio.views.section import Section, Values, do

if TYPE_CHECKING:
    from hyperpoint.studio.desk import Desk

# A class with less doubt than this is not worth a line, nor are more lines than this worth reading.
_MIN_DOUBT, _MAX_LINES = 0.02, 3
_MAX_NAMES = 4


def describe_quality(desk: Desk) -> dict[str, Any]:
    """Say how good the annotation is, as far as is known."""
    current, advice = desk.current, desk.advice
    said = advice.feedback
    has_annotation = current is not None and current.annotation is not None
    return {
        "has": has_annotation,
        "coverage": said.coverage if said else None,
        "accuracy": advice.validation.accuracy if advice.validation else None,
        "seconds": current.seconds if current is not None and has_annotation else None,
        "uncertain": _uncertain(desk),
        "numSuspects": len(_suspects(desk)),
        "hasTruth": current is not None and current.entry.truth is not None,
        "showScore": desk.viewing.show_score,
        "score": _score_in_words(advice.score),
    }


def _uncertain(desk: Desk) -> list[dict[str, Any]]:
    if desk.current is None or desk.advice.feedback is None:
        return []
    classes = desk.current.session.state.classes
    doubtful = [
        one for one in desk.advice.feedback.classes
        if one.class_id in classes.live and not math.isnan(one.uncertain_share) and one.uncertain_share >= _MIN_DOUBT
    ]  # fmt: skip
    doubtful.sort(key=lambda one: -one.uncertain_share)
    return [
        {
            "name": classes[one.class_id].name,
            "color": color_to_hex(classes[one.class_id].color),
            "share": one.uncertain_share,
        }
        for one in doubtful[:_MAX_LINES]
    ]


def _score_in_words(score: dict[str, Any] | None) -> str:
    if score is None:
        return "The score comes with the next update."
    if "problem" in score:
        return str(score["problem"])
    words = f"mIoU {100 * score['miou']:.1f} % · accuracy {100 * score['accuracy']:.1f} %"
    unmatched = score["unmatched"]
    if not score["by_name"]:
        words += "\nThe truth has no names: classes are matched by number, from 0 in the order they were added."
    if unmatched:
        them = "it counts as wrong" if len(unmatched) == 1 else "they count as wrong"
        words += f"\nThe truth has no class {_listed([f'“{name}”' for name in unmatched], 'or')}, so {them}."
        what = "To match, take names of the truth" if score["by_name"] else "The truth has the numbers"
        words += f" {what}: {_listed(score['known'], 'and')}."
    return words


def _listed(names: Sequence[str], last: str) -> str:
    shown = list(names[:_MAX_NAMES])
    if len(names) > _MAX_NAMES:
        shown.append(f"{len(names) - _MAX_NAMES} more")
        last = "and"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {last} {shown[-1]}"


def describe_advice(desk: Desk) -> dict[str, Any]:
    """Say where to click next."""
    current, found = desk.current, desk.advice.suggestions
    can = current is not None and current.prepared is not None and len(current.session.state.points.class_ids) > 1
    rows = [] if found is None else [
        {"key": position, "reason": reason, "active": desk.advice.centre == (int(row), int(col))}
        for position, (row, col, reason) in enumerate(zip(found.rows, found.cols, found.reasons, strict=True))
    ]  # fmt: skip
    if current is not None and current.prepared is None:
        hint = "The scene is being prepared."
    elif not can:
        hint = "Needs points of two classes first."
    elif found is None:
        hint = "Marks the five clicks that would help most."
    else:
        hint = "All answered. Ask again for more."
    return {"can": can and desk.can_edit, "rows": rows, "hint": hint}


def _suspects(desk: Desk) -> list[Pixel]:
    """Return the pixels of points that the others contradict and that are still there."""
    if desk.current is None:
        return []
    points = desk.current.session.state.points
    there = set(zip(points.rows.tolist(), points.cols.tolist(), strict=True))
    return [pixel for pixel in desk.current.suspects if pixel in there]


def _go_to_suspect(desk: Desk, _values: Values) -> None:
    """Select the first suspicious point and bring it into view."""
    for pixel in _suspects(desk)[:1]:
        desk.edit.select(*pixel)
        desk.advice.centre = pixel
        desk.changed("centre")


QUALITY = Section(
    describe_quality, frozenset({"scene", "labels", "points", "advice", "viewing"}), {"advice.suspect": _go_to_suspect}
)
ADVICE = Section(
    describe_advice,
    frozenset({"scene", "points", "advice", "centre", "busy"}),
    {
        "advice.suggest": do("advice.suggest"),
        "advice.next": do("advice.next"),
        "advice.go": do("advice.jump", "position"),
    },
)
