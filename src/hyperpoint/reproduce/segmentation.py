"""Tables 2 (LIB-HSI) and 3 (HSICityV2): RGB networks trained on points, on annotations and on the truth."""

from __future__ import annotations

from hyperpoint.reproduce.labelling import AnnotationLabels, Labels, PointLabels, TruthLabels
from hyperpoint.reproduce.networks import network_scores
from hyperpoint.reproduce.paper_figures import SEGMENTATION
from hyperpoint.reproduce.report import Report
from hyperpoint.reproduce.sizes import model_title
from hyperpoint.reproduce.study import Study
from hyperpoint.reproduce.tables import Cell, Table, mean_and_spread

NETWORKS = ("fcn", "deeplab", "hrnet")
ROWS: dict[str, Labels] = {
    "points": PointLabels(),
    "twocnn": AnnotationLabels("twocnn"),
    "svm": AnnotationLabels("svm"),
    "best": AnnotationLabels("best"),
    "truth": TruthLabels(),
}
COLUMNS = ("annotations", *(f"{prefix}{one}" for one in NETWORKS for prefix in ("", "paper_")),
           *(f"{one}_spread" for one in NETWORKS), "seeds")  # fmt: skip


def run_table2(study: Study) -> Report:
    """Make Table 2."""
    return _run(study, "table2", "Table 2")


def run_table3(study: Study) -> Report:
    """Make Table 3."""
    return _run(study, "table3", "Table 3")


def _run(study: Study, name: str, title: str) -> Report:
    rows: list[dict[str, Cell]] = []
    for key, labels in ROWS.items():
        row: dict[str, Cell] = {"annotations": labels.title}
        for network in NETWORKS:
            matrices = network_scores(study, network, labels)
            row[network], row[f"{network}_spread"] = mean_and_spread(one.miou for one in matrices)
            row[f"paper_{network}"] = SEGMENTATION[study.dataset.name].get(key, {}).get(network)
            row["seeds"] = max(len(matrices), int(row.get("seeds") or 0)) or None
        rows.append(row)
    notes = [*study.describe(), networks_note(study)]
    return Report([Table(name, f"{title}: mIoU on the test split, {study.title}", COLUMNS, rows, notes)])


def networks_note(study: Study) -> str:
    """Say which networks were trained, and how."""
    from hyperpoint.reproduce.networks import training_config

    config = training_config(study, "hrnet")
    names = ", ".join(f"{key}: {model_title(model)}" for key, model in study.size.models.items())
    start = "random" if study.weights == "none" else study.weights
    return (
        f"Networks: {names}; from {start} weights, {config.steps} steps of {config.batch_size} crops of "
        f"{config.crop[0]} x {config.crop[1]}. Those of the last step are scored: nothing is chosen by a "
        f"validation score."
    )
