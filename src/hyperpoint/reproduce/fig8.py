"""Figure 8: memory of training, and time of inference: RGB, whole cubes, and ours (section 4.4)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hyperpoint.errors import HyperpointError
from hyperpoint.reproduce.annotating import SceneJob
from hyperpoint.reproduce.figures import draw_bars, new_figure
from hyperpoint.reproduce.labelling import AnnotationLabels, Labels, TruthLabels
from hyperpoint.reproduce.measuring import Peak, TrainingTask, in_fresh_process, measure_annotation, measure_training
from hyperpoint.reproduce.networks import inference, scored_manifest, train_manifest, training_config
from hyperpoint.reproduce.record import accelerator
from hyperpoint.reproduce.report import Report
from hyperpoint.reproduce.segmentation import networks_note
from hyperpoint.reproduce.study import Study
from hyperpoint.reproduce.tables import Cell, Table

KIND = "memory"
COLUMNS = ("method", "inputs", "peak_training_mib", "memory", "annotation_mib", "segmentation_mib", "inference_seconds",
           "test_scenes", "paper_peak_training_mib", "paper_inference_seconds")  # fmt: skip
# Method, what the network sees, what it is trained on, and the recipe whose memory counts too.
METHODS: tuple[tuple[str, str, Labels, str | None], ...] = (
    ("RGB", "rgb", TruthLabels(), None),
    ("Full HSI", "cube", TruthLabels(), None),
    ("Ours, SVM", "rgb", AnnotationLabels("svm"), "svm"),
    ("Ours, TwoCNN", "rgb", AnnotationLabels("twocnn"), "twocnn"),
)


def run(study: Study) -> Report:
    """Measure a few steps of each training, and the labelling of the test scenes with what comes of it."""
    rows = [_row(study, *method) for method in METHODS]
    figure = new_figure(9, 3.6)
    for axes, column, title, unit in zip(
        figure.subplots(1, 2), ("peak_training_mib", "inference_seconds"),
        ("(a) peak memory of training", "(b) inference over the test set"), ("MiB", "s"), strict=True,
    ):  # fmt: skip
        found = [(str(row["method"]), row.get(column)) for row in rows]
        values = {method: value if isinstance(value, float) else None for method, value in found}
        draw_bars(axes, values, title, unit)
    notes = [
        *study.describe(),
        networks_note(study),
        f"Each measured in a process of its own over {study.size.memory_steps} steps, after which memory grows no "
        f"more. Memory is what the column says: without an accelerator the RSS of the whole process, the interpreter "
        f"and its libraries included. Ours is the larger of annotating one scene and of training on the annotations.",
        "Inference reads the files of the test scenes (cubes are unpacked), labels them, and scores. The paper prints "
        "its figure 8 without numbers.",
    ]
    table = Table("fig8", f"Figure 8: memory and time, {study.title}", COLUMNS, rows, notes)
    return Report([table], figure)


def _row(study: Study, method: str, seen: str, labels: Labels, recipe: str | None) -> dict[str, Cell]:
    row: dict[str, Cell] = {"method": method, "inputs": {"rgb": "RGB", "cube": "HS"}[seen]}
    if recipe is not None:
        row["inputs"] = "HS+RGB to annotate, RGB then"
    if not study.wants(method):
        return row
    try:
        training = _measured_training(study, seen, labels)
        annotation = None if recipe is None else _measured_annotation(study, recipe)
    except HyperpointError as error:
        study.complain(f"{method}: {error}")
        return row
    # An SVM is fitted on the CPU whatever accelerator there is: then its memory is no part of the accelerator's.
    peaks = [one for one in (training, annotation) if one is not None and one.kind == training.kind]
    return row | {
        "peak_training_mib": max(one.mib for one in peaks),
        "memory": training.kind,
        "annotation_mib": None if annotation is None else annotation.mib,
        "segmentation_mib": training.mib,
        "inference_seconds": training.seconds,
        "test_scenes": len(study.test_rows),
    }


def _measured_training(study: Study, seen: str, labels: Labels) -> Peak:
    steps = study.size.memory_steps
    config = training_config(study, "hrnet", input=seen, steps=steps, val_every=steps, weights="none")
    signature = {
        "labels": labels.signature(study, 0),
        "train": study.mark_of(study.train_rows),
        "test": study.mark_of(study.test_rows),
        "config": config.to_dict(),
        "inference": str(inference(study)),
        "accelerator": accelerator(),
    }

    def compute() -> dict[str, Any]:
        study.progress(0, 1, f"measuring {seen}, {labels.title}")
        path = study.kept.path("manifest", signature, "") / "train.csv"
        manifest = train_manifest(study, labels.masks(study, 0), path)
        task = TrainingTask(
            manifest.path, scored_manifest(study).path, config, inference(study), study.kept.path(KIND, signature, "")
        )
        return {"peak": asdict(in_fresh_process(measure_training, task))}

    return Peak(**study.kept.get(KIND, signature, compute)["peak"])


def _measured_annotation(study: Study, method: str) -> Peak:
    row, recipe = study.train_rows[0], study.size.recipe(method)
    signature = {
        "scene": study.mark_of([row]),
        "recipe": recipe.as_dict(),
        "points": study.protocol.describe(),
        "accelerator": accelerator(),
    }

    def compute() -> dict[str, Any]:
        study.progress(0, 1, f"measuring {recipe.name}")
        mask = study.kept.path(KIND, signature, ".png")
        job = SceneJob(row, study.dataset, study.protocol, study.protocol.ratio, recipe, {0: mask})
        return {"peak": asdict(in_fresh_process(measure_annotation, job))}

    return Peak(**study.kept.get(KIND, signature, compute)["peak"])
