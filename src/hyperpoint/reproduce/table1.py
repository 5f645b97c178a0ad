"""Table 1: how good the annotations of the training scenes are (section 4.3.1)."""

from __future__ import annotations

from collections.abc import Sequence

from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.reproduce.annotating import Annotations, annotate_training
from hyperpoint.reproduce.counts import boundaries_of
from hyperpoint.reproduce.paper_figures import TABLE1
from hyperpoint.reproduce.report import Report
from hyperpoint.reproduce.study import Study
from hyperpoint.reproduce.tables import Cell, Table, mean_and_spread
from hyperpoint.segment.boundaries import BOUNDARY_WIDTH

TITLES = {
    "svm-rgb": "SVM (RGB)",
    "svm": "SVM (HS)",
    "twocnn-rgb": "TwoCNN (RGB)",
    "twocnn": "TwoCNN (HS)",
    "best": "best (HS+RGB)",
}
COLUMNS = (
    "method", "recipe", "acc", "miou", "paper_acc", "paper_miou", "acc_spread", "miou_spread", "mean_class_acc",
    "coverage", "errors_near_boundaries", "pixels_near_boundaries", "scenes", "seeds",
)  # fmt: skip
# The paper does not say which accuracy its Table 1 has, so both are given.
ACC_NOTE = "acc is pixel accuracy; the paper does not say which accuracy its Table 1 prints."


def run(study: Study) -> Report:
    """Annotate the training scenes by every method and seed, and score."""
    found = {method: annotate_training(study, study.size.recipe(method), study.seeds) for method in TITLES}
    matrices = {
        method: [one.matrix(study.matrix()) for one in by_seed.values() if one.scores]
        for method, by_seed in found.items()
    }
    rows = [_row(study, method, list(found[method].values()), matrices[method]) for method in TITLES]
    notes = [
        *study.describe(),
        ACC_NOTE,
        f"errors_near_boundaries: the share of errors among the first {BOUNDARY_WIDTH} pixels on either side of a "
        f"class boundary of the truth, where pixels_near_boundaries of all pixels lie.",
    ]
    name = study.title
    return Report(
        [
            Table("table1", f"Table 1: annotations, {name}", COLUMNS, rows, notes),
            Table("table1-classes", f"Table 1 by class: IoU, {name}", ("class", "pixels", *TITLES.values()),
                  _class_rows(study, matrices), notes[:3]),
        ]
    )  # fmt: skip


def _row(
    study: Study, method: str, annotations: Sequence[Annotations], matrices: Sequence[ConfusionMatrix]
) -> dict[str, Cell]:
    printed = TABLE1.get(study.dataset.name, {}).get(method)
    row: dict[str, Cell] = {"method": TITLES[method], "recipe": study.size.recipe(method).name}
    if printed is not None:
        row |= {"paper_acc": printed.acc, "paper_miou": printed.miou}
    if not matrices:
        return row
    row["acc"], row["acc_spread"] = mean_and_spread(one.accuracy for one in matrices)
    row["miou"], row["miou_spread"] = mean_and_spread(one.miou for one in matrices)
    row["mean_class_acc"], _ = mean_and_spread(one.mean_accuracy for one in matrices)
    row["coverage"], _ = mean_and_spread(one.coverage for one in matrices)
    near = [boundaries_of(one.scores.values()) for one in annotations if one.scores]
    row["errors_near_boundaries"], _ = mean_and_spread(one.share_of_errors for one in near)
    row["pixels_near_boundaries"], _ = mean_and_spread(one.share_of_pixels for one in near)
    return {**row, "scenes": max(len(one.scores) for one in annotations), "seeds": len(matrices)}


def _class_rows(study: Study, matrices: dict[str, list[ConfusionMatrix]]) -> list[dict[str, Cell]]:
    every = [one for part in matrices.values() for one in part]
    rows: list[dict[str, Cell]] = []
    for number, name in enumerate(study.dataset.classes.names):
        pixels = max((int(one.support[number]) for one in every), default=0)
        if not pixels:
            continue
        ious = {
            TITLES[method]: mean_and_spread(one.iou[number] for one in part)[0] for method, part in matrices.items()
        }
        rows.append({"class": name, "pixels": pixels, **ious})
    return rows
