"""Figure 5: annotations of training scenes beside their truth."""

from __future__ import annotations

from hyperpoint.io.masks import read_label_ids
from hyperpoint.reproduce.annotating import annotate_training
from hyperpoint.reproduce.counts import add_to
from hyperpoint.reproduce.figures import image_grid
from hyperpoint.reproduce.report import Report
from hyperpoint.reproduce.scenes import ShownScene, first_rows, where_known
from hyperpoint.reproduce.study import Study
from hyperpoint.reproduce.tables import Cell, Table, mean_and_spread
from hyperpoint.types import UInt8Array

METHODS = {"svm": "(c) SVM", "twocnn": "(d) TwoCNN", "best": "(e) best"}
COLUMNS = ("scene", "annotation", "miou", "acc")


def run(study: Study) -> Report:
    """Annotate the training scenes (seed 0) and show two of them."""
    found = {method: annotate_training(study, study.size.recipe(method), [0])[0] for method in METHODS}
    pictures: list[list[UInt8Array | None]] = []
    rows: list[dict[str, Cell]] = []
    scenes = [ShownScene(study, row) for row in first_rows(study.train_rows)]
    for shown in scenes:
        line: list[UInt8Array | None] = [shown.rgb, shown.truth]
        for method, title in METHODS.items():
            mask = found[method].masks.get(shown.row.id)
            line.append(None if mask is None else where_known(read_label_ids(mask), shown.truth))
            row: dict[str, Cell] = {"scene": shown.row.id, "annotation": title}
            if mask is not None:
                matrix = add_to(study.matrix(), [found[method].scores[shown.row.id]])
                row["miou"], row["acc"] = mean_and_spread([matrix.miou])[0], mean_and_spread([matrix.accuracy])[0]
            rows.append(row)
        pictures.append(line)
    titles = ["(a) Image", "(b) Truth", *METHODS.values()]
    names = [shown.row.id for shown in scenes]
    figure = image_grid(pictures, titles, names, study.dataset.classes)
    notes = [*study.describe(), "Black: unlabelled in the truth, or of a class that is not scored, such as whiteboard "
             "and palette. The paper prints no numbers for this figure; (e) is not in it."]  # fmt: skip
    table = Table("fig5", f"Figure 5: annotations, {study.title}", COLUMNS, rows, notes)
    return Report([table], figure)
