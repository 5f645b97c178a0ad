"""Score a patch classifier on scenes with labels."""

from __future__ import annotations

from collections.abc import Sequence

from hyperpoint.catalog.dataset import Dataset
from hyperpoint.comparisons.model import PatchModel
from hyperpoint.comparisons.patches import Progress
from hyperpoint.comparisons.scenes import open_row, truth_of
from hyperpoint.errors import InputError
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.metrics import ConfusionMatrix


def evaluate(
    model: PatchModel, rows: Sequence[ManifestRow], dataset: Dataset, stride: int = 1, progress: Progress | None = None
) -> ConfusionMatrix:
    """Label scenes, and count right and wrong pixels against the labels of the data set.

    Parameters
    ----------
    rows
        Scenes, as `catalog.sources.dataset_rows` lists them.
    stride
        As for `PatchModel.predict`; every pixel is scored nevertheless.
    progress
        Called with (done, total, id of the scene).

    Raises
    ------
    InputError
        If a cube has other bands than the model takes, or labels and scene differ in size.
    MissingFileError, CubeFormatError, ClassTableError
        If a scene cannot be read.
    """
    matrix = ConfusionMatrix(len(dataset.classes), dataset.unscored)
    for number, row in enumerate(rows):
        if progress is not None:
            progress(number, len(rows), row.id)
        scene, truth = open_row(row, dataset), truth_of(row, dataset)
        if scene.size != truth.labels.shape:
            raise InputError(
                f"the labels of {row.id} have {truth.labels.shape[0]} x {truth.labels.shape[1]} pixels, the scene "
                f"{scene.size[0]} x {scene.size[1]}; they must agree"
            )
        matrix.update(model.predict(scene, stride), truth.labels)
    return matrix
