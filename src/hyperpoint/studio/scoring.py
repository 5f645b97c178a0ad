"""The score of an annotation against a truth that lies beside the scene: for looking at, never for annotating."""

from __future__ import annotations

from typing import Any

import numpy as np

from hyperpoint.errors import InputError
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.types import IGNORE, ClassTable, LabelArray, Truth


def score_against_truth(labels: LabelArray, truth: Truth, own: ClassTable, theirs: ClassTable | None) -> dict[str, Any]:
    """Score labels against a truth whose classes may be numbered otherwise.

    Parameters
    ----------
    labels
        (H, W) uint8, ids of `own`.
    truth
        Of the same size.
    own
        The classes that were annotated.
    theirs
        The classes of the truth; None: the ids mean the same. Classes are matched by name; those of `own` that the
        truth does not have count as wrong.

    Returns
    -------
    As `ConfusionMatrix.to_dict`: accuracy, mean_accuracy, miou, coverage, per_class. And `by_name`, whether classes are
    matched by name; `unmatched`, the names of classes of `own` that label pixels and that the truth does not have;
    `known`, the names (without `theirs`: the ids) of the classes in this truth.

    Raises
    ------
    InputError
        If the sizes differ, no pixel of the truth is labelled, or one has an id that `theirs` does not have.
    """
    if labels.shape != truth.labels.shape:
        raise InputError(
            f"the truth of {truth.labels.shape[0]} x {truth.labels.shape[1]} pixels does not fit the scene of "
            f"{labels.shape[0]} x {labels.shape[1]}, so there is no score"
        )
    there = [int(class_id) for class_id in np.unique(truth.labels) if class_id != IGNORE]
    if not there:
        raise InputError("the truth has no labelled pixel, so there is no score")
    if theirs is not None and there[-1] >= len(theirs):
        raise InputError(f"the truth has the class id {there[-1]}, but its class table only 0..{len(theirs) - 1}")
    table = np.arange(IGNORE + 1, dtype=np.uint8)
    if theirs is not None:
        known = {name.casefold(): class_id for class_id, name in enumerate(theirs.names)}
        table[: len(own)] = [known.get(name.casefold(), IGNORE) for name in own.names]
    num_classes = len(theirs) if theirs is not None else max(len(own), there[-1] + 1)
    matrix = ConfusionMatrix(num_classes)
    matrix.update(table[labels], truth.labels)
    return {**matrix.to_dict(theirs), "by_name": theirs is not None, **_matching(labels, there, own, theirs)}


def _matching(labels: LabelArray, there: list[int], own: ClassTable, theirs: ClassTable | None) -> dict[str, list[str]]:
    names = () if theirs is None else theirs.names
    known = [str(class_id) if theirs is None else names[class_id] for class_id in there]
    used = [int(class_id) for class_id in np.unique(labels) if class_id != IGNORE]
    if theirs is None:
        unmatched = [own.names[class_id] for class_id in used if class_id not in there]
    else:
        theirs_too = {name.casefold() for name in names}
        unmatched = [own.names[class_id] for class_id in used if own.names[class_id].casefold() not in theirs_too]
    return {"unmatched": unmatched, "known": known}
