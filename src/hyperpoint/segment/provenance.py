"""Where the labels come from that a network was trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from hyperpoint.errors import HyperpointError, InputError
from hyperpoint.io.files import read_json
from hyperpoint.io.manifest import ManifestRow


def describe_labels(rows: Iterable[ManifestRow]) -> dict[str, Any]:
    """Say how masks were made, by the provenance that `hyperpoint annotate` leaves beside each (`<mask>.json`).

    Returns
    -------
    JSON-serialisable: `num_masks`; `recipes`, how many were annotated by which recipe; `num_points`, the points that
    people annotated for these, in all; and `num_unknown`, the masks without provenance, such as those drawn by hand.
    """
    recipes: Counter[str] = Counter()
    num_points = num_unknown = 0
    for row in rows:
        if row.label is None:
            continue
        content = _provenance(row)
        if content is None:
            num_unknown += 1
            continue
        recipes[str(content["recipe"].get("name", "unnamed"))] += 1
        points = content.get("num_points")
        annotated = points.get("annotated") if isinstance(points, dict) else None
        num_points += annotated if type(annotated) is int and annotated > 0 else 0
    return {
        "num_masks": sum(recipes.values()) + num_unknown,
        "recipes": dict(recipes.most_common()),
        "num_points": num_points,
        "num_unknown": num_unknown,
    }


def _provenance(row: ManifestRow) -> dict[str, Any] | None:
    assert row.label is not None
    try:
        content = read_json(row.label.with_suffix(".json"), "provenance", InputError)
    except HyperpointError:
        # None is there, or it is the file of another program.
        return None
    return content if isinstance(content, dict) and isinstance(content.get("recipe"), dict) else None
