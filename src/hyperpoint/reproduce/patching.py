"""Patch classifiers over the data set: trained on the points of the training scenes, scored on the test scenes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hyperpoint.comparisons.config import PatchConfig
from hyperpoint.comparisons.scenes import PointScene, open_row
from hyperpoint.errors import HyperpointError, PointsError
from hyperpoint.io.cubes import open_cube
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.reproduce.counts import add_to, to_json
from hyperpoint.reproduce.study import Study

if TYPE_CHECKING:
    from hyperpoint.comparisons.model import PatchModel

MODEL_KIND, SCORE_KIND, REFINED_KIND = "patch-model", "patch-score", "refined"


def point_scenes(study: Study, seed: int) -> list[PointScene]:
    """Return the training scenes with the points of a seed, the same that every other method gets."""
    found = []
    for row in study.train_rows:
        try:
            points = study.protocol.draw(row, study.dataset, seed)
        except PointsError as error:
            study.complain(f"{row.id} has no points: {error}")
            continue
        found.append(PointScene(row.id, points, partial(open_row, row, study.dataset)))
    return found


def score_signature(study: Study, method: str, seed: int) -> dict[str, Any]:
    """Return all that the score of a patch classifier on the test scenes depends on."""
    return {
        "model": _model_signature(study, method, seed),
        "test": study.mark_of(study.test_rows),
        "stride": _stride(study),
    }


def score_patches(study: Study, method: str, seed: int) -> dict[str, Any]:
    """Train a patch classifier and score it on the test scenes, or find that done; see `counts.to_json`."""

    def compute() -> dict[str, Any]:
        from hyperpoint.comparisons.scoring import evaluate

        model = _trained(study, method, seed)
        tell = _telling(study, f"{method}: labelling")
        return to_json(evaluate(model, study.test_rows, study.dataset, _stride(study), tell))

    return study.kept.get(SCORE_KIND, score_signature(study, method, seed), compute)


def patch_scores(study: Study, method: str) -> list[ConfusionMatrix]:
    """Train a patch classifier with every seed, and return the scores on the test scenes; as `network_scores`."""
    found = []
    for seed in study.network_seeds:
        name = f"{method}, seed {seed}"
        try:
            if study.wants(name):
                score: dict[str, Any] | None = score_patches(study, method, seed)
            else:
                score = study.kept.find(SCORE_KIND, score_signature(study, method, seed))
        except HyperpointError as error:
            study.complain(f"{name}: {error}")
            continue
        if score is not None:
            found.append(add_to(study.matrix(), [score]))
    return found


def refiner_signature(study: Study, seed: int) -> dict[str, Any]:
    """Return all that the labels of Huang et al.'s method depend on."""
    return {"model": _model_signature(study, study.size.refiner, seed), "stride": _stride(study)}


def refine_training(study: Study, seed: int) -> dict[str, Path]:
    """Refine the points, padded to masks, of the training scenes by a patch classifier, or find that done.

    Returns
    -------
    The masks by id of the scene.
    """
    signature = refiner_signature(study, seed)
    folder = study.kept.path(REFINED_KIND, signature, "")

    def compute() -> dict[str, Any]:
        from hyperpoint.comparisons.huang import refine_scenes

        model = _trained(study, study.size.refiner, seed)
        scenes = point_scenes(study, seed)
        tell = _telling(study, "refining labels of")
        written = refine_scenes(model, scenes, folder, study.dataset.classes, stride=_stride(study), progress=tell)
        return {"masks": {scene.id: path.name for scene, path in zip(scenes, written, strict=True)}}

    found = study.kept.find(REFINED_KIND, signature)
    if found is None or not all((folder / name).exists() for name in found["masks"].values()):
        found = compute()
        study.kept.keep(REFINED_KIND, signature, found, 0.0)
    return {id_: folder / name for id_, name in found["masks"].items()}


def _model_signature(study: Study, method: str, seed: int) -> dict[str, Any]:
    return {
        "method": method,
        "config": _config(study).to_dict(),
        "train": study.mark_of(study.train_rows),
        "points": study.protocol.describe(),
        "seed": seed,
    }


def _config(study: Study) -> PatchConfig:
    return PatchConfig(**study.size.patch_settings)


def _trained(study: Study, method: str, seed: int) -> PatchModel:
    from hyperpoint.comparisons.model import PatchModel
    from hyperpoint.comparisons.training import fit

    path = study.kept.path(MODEL_KIND, _model_signature(study, method, seed), ".safetensors")
    if path.exists():  # written atomically, so what is there is whole
        return PatchModel.load(path)
    scenes = point_scenes(study, seed)
    model = fit(method, scenes, len(study.dataset.classes), _config(study), seed, _telling(study, method))
    model.save(path)
    return model


def _stride(study: Study) -> int:
    """Return one stride for all scenes: that of the largest of the first of each split."""
    cubes = [rows[0].cube for rows in (study.train_rows, study.test_rows)]
    return max(study.size.stride(open_cube(cube).shape) for cube in cubes if cube is not None)


def _telling(study: Study, doing: str) -> Any:
    return lambda done, total, what: study.progress(done, total, f"{doing} {what}")
