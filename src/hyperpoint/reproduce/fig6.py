"""Figure 6: what HRNet makes of test scenes after training on different labels."""

from __future__ import annotations

from hyperpoint.errors import HyperpointError
from hyperpoint.reproduce.figures import image_grid
from hyperpoint.reproduce.labelling import AnnotationLabels, HuangLabels, Labels, PointLabels, TruthLabels
from hyperpoint.reproduce.networks import inference, name_of, network_scores, run_folder
from hyperpoint.reproduce.report import Report
from hyperpoint.reproduce.scenes import ShownScene, first_rows, where_known
from hyperpoint.reproduce.segmentation import networks_note
from hyperpoint.reproduce.study import Study
from hyperpoint.reproduce.tables import Cell, Table, mean_and_spread
from hyperpoint.types import LabelArray, UInt8Array

COLUMNS = ("scene", "labels", "miou", "acc")
LABELS: dict[str, Labels] = {
    "(c) Points": PointLabels(),
    "(d) SVM": AnnotationLabels("svm"),
    "(e) TwoCNN": AnnotationLabels("twocnn"),
    "(f) Huang": HuangLabels(),
    "(g) Full": TruthLabels(),
    "(h) best": AnnotationLabels("best"),
}


def run(study: Study) -> Report:
    """Train HRNet on each kind of labels (the trainings of tables 2 to 4) and show two test scenes, seed 0."""
    scenes = [ShownScene(study, row) for row in first_rows(study.test_rows)]
    predicted = {title: _predict(study, labels, scenes) for title, labels in LABELS.items()}
    rows: list[dict[str, Cell]] = []
    pictures: list[list[UInt8Array | None]] = []
    for number, shown in enumerate(scenes):
        line: list[UInt8Array | None] = [shown.rgb, shown.truth]
        for title, found in predicted.items():
            row: dict[str, Cell] = {"scene": shown.row.id, "labels": title}
            if found is not None:
                matrix = study.matrix()
                matrix.update(found[number], shown.truth)
                row["miou"], row["acc"] = mean_and_spread([matrix.miou])[0], mean_and_spread([matrix.accuracy])[0]
            line.append(None if found is None else where_known(found[number], shown.truth))
            rows.append(row)
        pictures.append(line)
    titles, names = ["(a) Image", "(b) Truth", *LABELS], [shown.row.id for shown in scenes]
    figure = image_grid(pictures, titles, names, study.dataset.classes)
    notes = [*study.describe(), networks_note(study), "Black: unlabelled in the truth, or not scored. (h) is not in "
             "the paper, which prints no numbers for this figure."]  # fmt: skip
    table = Table("fig6", f"Figure 6: predictions of HRNet, {study.title}", COLUMNS, rows, notes)
    return Report([table], figure)


def _predict(study: Study, labels: Labels, scenes: list[ShownScene]) -> list[LabelArray] | None:
    """Return the labels of the scenes by the network of the first seed; None if it was not trained."""
    from hyperpoint.segment.predictors.opening import open_predictor

    if not network_scores(study, "hrnet", labels):
        return None
    try:
        predictor = open_predictor(run_folder(study, "hrnet", labels, 0), inference=inference(study))
    except HyperpointError as error:
        study.complain(f"{name_of('hrnet', labels, 0)}: {error}")
        return None
    return [predictor.label(shown.rgb[None])[0][0] for shown in scenes]
