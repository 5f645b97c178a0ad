"""Table 4: ours beside other methods, on the test split (section 4.3.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hyperpoint.comparisons.config import PatchConfig
from hyperpoint.comparisons.methods import get_method
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.reproduce.labelling import AnnotationLabels, HuangLabels, Labels, PointLabels, TruthLabels
from hyperpoint.reproduce.networks import network_scores
from hyperpoint.reproduce.paper_figures import TABLE4
from hyperpoint.reproduce.patching import patch_scores
from hyperpoint.reproduce.report import Report
from hyperpoint.reproduce.segmentation import networks_note
from hyperpoint.reproduce.sizes import PAPER_MODELS, Size, model_title
from hyperpoint.reproduce.study import Study
from hyperpoint.reproduce.tables import Cell, Table, mean_and_spread

COLUMNS = (
    "method", "backbone", "inputs", "supervision", "miou", "acc", "paper_miou", "paper_acc",
    "pixel_acc", "miou_spread", "acc_spread", "seeds", "note",
)  # fmt: skip
NOTES = (
    "Supervision: P points, M masks of those points alone, F full masks.",
    "acc is the mean over the classes of the share of their pixels that is right: the paper's Acc can be nothing else, "
    "for in some rows it is likely less than naming the commonest class everywhere would have of pixels. pixel_acc is "
    "pixel accuracy.",
)


@dataclass(frozen=True)
class Row:
    """A row: how it is called, and how its scores, one a seed, are had."""

    method: str
    inputs: str
    supervision: str
    backbone: Callable[[Size], str]
    scores: Callable[[Study], Sequence[ConfusionMatrix]]
    note: Callable[[Size], str]


def run(study: Study) -> Report:
    """Train and score every method."""
    rows = [_cells(study, row) for row in ROWS]
    notes = [*study.describe(), *NOTES, networks_note(study)]
    return Report([Table("table4", f"Table 4: methods compared, {study.title}", COLUMNS, rows, notes)])


def _cells(study: Study, row: Row) -> dict[str, Cell]:
    matrices = row.scores(study)
    cells: dict[str, Cell] = {
        "method": row.method,
        "backbone": row.backbone(study.size),
        "inputs": row.inputs,
        "supervision": row.supervision,
        "note": row.note(study.size) or None,
        "seeds": len(matrices) or None,
    }
    cells["miou"], cells["miou_spread"] = mean_and_spread(one.miou for one in matrices)
    cells["acc"], cells["acc_spread"] = mean_and_spread(one.mean_accuracy for one in matrices)
    cells["pixel_acc"], _ = mean_and_spread(one.accuracy for one in matrices)
    printed = TABLE4.get(study.dataset.name, {}).get((row.method, row.inputs, row.supervision))
    return cells if printed is None else {**cells, "paper_miou": printed.miou, "paper_acc": printed.acc}


def _network(method: str, network: str, labels: Labels, inputs: str, supervision: str, before: str = "") -> Row:
    def backbone(size: Size) -> str:
        return before + model_title(size.models[network])

    def note(size: Size) -> str:
        return _smaller(size.models[network], PAPER_MODELS[network])

    return Row(method, inputs, supervision, backbone, lambda study: network_scores(study, network, labels), note)


def _huang() -> Row:
    def backbone(size: Size) -> str:
        return f"{model_title(size.refiner)} + {model_title(size.models['hrnet'])}"

    def note(size: Size) -> str:
        parts = (_smaller(size.refiner, "resnet50"), _smaller(size.models["hrnet"], PAPER_MODELS["hrnet"]))
        return "; ".join(part for part in parts if part)

    def scores(study: Study) -> Sequence[ConfusionMatrix]:
        return network_scores(study, "hrnet", HuangLabels())

    return Row("Huang et al. (2019)", "HS+RGB", "M", backbone, scores, note)


def _patches(method: str, name: str) -> Row:
    def backbone(size: Size) -> str:
        return get_method(name).title

    def scores(study: Study) -> Sequence[ConfusionMatrix]:
        return patch_scores(study, name)

    def note(size: Size) -> str:
        if size.classified is None:
            return ""
        steps = PatchConfig(**size.patch_settings).iterations
        return f"{steps} steps; labels about {size.classified} pixels across a cube"

    return Row(method, "HS", "P", backbone, scores, note)


def _smaller(model: str, paper: str) -> str:
    return "" if model == paper else f"{model_title(model)} instead of {model_title(paper)}"


def _ours(name: str, method: str, inputs: str) -> Row:
    title = {"svm": "SVM", "twocnn": "TwoCNN"}.get(method.removesuffix("-rgb"), method)
    return _network(f"Ours, {name}", "hrnet", AnnotationLabels(method), inputs, "P", before=f"{title} + ")


# The paper's rows in its order; then ours with our own recipe, and what the paper names but does not tabulate.
ROWS: tuple[Row, ...] = (
    _network("HRNet", "hrnet", PointLabels(), "RGB", "M"),
    _network("FCN", "fcn", PointLabels(), "RGB", "M"),
    _patches("RSSAN", "rssan"),
    _patches("JigSawHSI", "jigsawhsi"),
    _huang(),
    _network("FCN (sup)", "fcn", TruthLabels(), "RGB", "F"),
    _network("HRNet (sup)", "hrnet", TruthLabels(), "RGB", "F"),
    _ours("TwoCNN", "twocnn", "HS+RGB"),
    _ours("SVM", "svm", "HS+RGB"),
    _ours("TwoCNN", "twocnn-rgb", "RGB"),
    _ours("SVM", "svm-rgb", "RGB"),
    _ours("best", "best", "HS+RGB"),
    _network("DeepLabV3+", "deeplab", PointLabels(), "RGB", "M"),
    _network("DeepLabV3+ (sup)", "deeplab", TruthLabels(), "RGB", "F"),
    _network("PSPNet", "pspnet", PointLabels(), "RGB", "M"),
    _network("PSPNet (sup)", "pspnet", TruthLabels(), "RGB", "F"),
    _patches("HybridSN", "hybridsn"),
    _patches("TwoCNN", "twocnn"),
    _patches("1-D CNN", "cnn1d"),
    _patches("CNN-HSI", "cnn-hsi"),
)
