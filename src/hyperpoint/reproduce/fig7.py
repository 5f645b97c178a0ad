"""Figure 7: fewer annotated points (section 4.4): the annotations, and HRNet trained on them."""

from __future__ import annotations

from hyperpoint.reproduce.annotating import annotate_training
from hyperpoint.reproduce.figures import draw_curves, new_figure
from hyperpoint.reproduce.labelling import AnnotationLabels
from hyperpoint.reproduce.networks import network_scores
from hyperpoint.reproduce.paper_figures import SEGMENTATION, TABLE1
from hyperpoint.reproduce.protocol import ALPHAS, Ratio, alpha_name
from hyperpoint.reproduce.report import Report
from hyperpoint.reproduce.segmentation import networks_note
from hyperpoint.reproduce.sizes import ANNOTATION_TITLES
from hyperpoint.reproduce.study import Study
from hyperpoint.reproduce.tables import Cell, Table, mean_and_spread

# The paper's curve is that of TwoCNN; annotations by the others cost little more.
METHODS = ("twocnn", "svm", "best")
COLUMNS = ("alpha", "annotation", "points_per_scene", "annotation_miou", "paper_annotation_miou", "annotation_spread",
           "hrnet_miou", "paper_hrnet_miou", "hrnet_spread", "scenes")  # fmt: skip


def run(study: Study) -> Report:
    """Annotate with every ratio, and train HRNet on TwoCNN's annotations."""
    rows = [_row(study, method, ratio) for method in METHODS for ratio in ALPHAS]
    figure = new_figure(9, 4)
    left, right = figure.subplots(1, 2)
    places = [alpha_name(ratio) for ratio in ALPHAS]
    for axes, name, what in ((left, "annotation", "annotations"), (right, "hrnet", "HRNet on the test split")):
        curves = {
            ANNOTATION_TITLES[method]: [
                (_number(row, f"{name}_miou"), _number(row, f"{name}_spread"))
                for row in rows
                if row["annotation"] == ANNOTATION_TITLES[method]
            ]
            for method in METHODS
        }
        draw_curves(axes, places, curves)
        axes.set_title(f"mIoU of {what}", fontsize=10)
        axes.set_xlabel("annotated : unannotated points")
        axes.set_ylabel("%")
    # Nothing is to be said of the networks where none was trained.
    is_trained = any(row.get("hrnet_miou") is not None for row in rows)
    notes = [
        *study.describe(),
        networks_note(study) if is_trained else "HRNet was not trained, so that its columns are empty.",
        "The paper prints figure 7 without numbers; those at 1:4 are from its Tables 1 to 3. HRNet is trained on "
        "TwoCNN's annotations alone, as there.",
    ]
    table = Table("fig7", f"Figure 7: mIoU by the share of annotated points, {study.title}", COLUMNS, rows, notes)
    return Report([table], figure)


def _row(study: Study, method: str, ratio: Ratio) -> dict[str, Cell]:
    title = ANNOTATION_TITLES[method]
    row: dict[str, Cell] = {"alpha": alpha_name(ratio), "annotation": title}
    is_wanted = study.wants(f"annotation {title} {alpha_name(ratio)}")
    found = annotate_training(study, study.size.recipe(method), study.seeds, ratio, only_kept=not is_wanted)
    # What an earlier run kept fills the cell too; the column `scenes` says of how many.
    scored = [one for one in found.values() if one.scores]
    if scored:
        matrices = [one.matrix(study.matrix()) for one in scored]
        row["annotation_miou"], row["annotation_spread"] = mean_and_spread(one.miou for one in matrices)
        row["scenes"] = max(len(one.scores) for one in scored)
        points = [score["num_points"] for one in scored for score in one.scores.values()]
        row["points_per_scene"] = round(sum(points) / len(points), 1)
    if method == METHODS[0]:
        # At the protocol's own ratio it is the training of tables 2 to 4.
        labels = AnnotationLabels(method, None if ratio == study.protocol.ratio else ratio)
        matrices = network_scores(study, "hrnet", labels)
        row["hrnet_miou"], row["hrnet_spread"] = mean_and_spread(one.miou for one in matrices)
    if ratio == ALPHAS[0] and study.dataset.name in TABLE1:
        printed = TABLE1[study.dataset.name].get(method)
        row["paper_annotation_miou"] = None if printed is None else printed.miou
        if method == METHODS[0]:
            row["paper_hrnet_miou"] = SEGMENTATION[study.dataset.name][method]["hrnet"]
    return row


def _number(row: dict[str, Cell], name: str) -> float | None:
    value = row.get(name)
    return float(value) if isinstance(value, int | float) else None
