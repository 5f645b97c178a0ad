"""Spectra refine coarse labels, on which an RGB network is trained: the method of Huang, Shen, Fu and You.

The paper's Table 4 calls it "Huang et al. (2019)" and cites "Weakly supervised classification of hyperspectral image
based on complementary learning" [21], by others; what it describes is "Weakly-supervised Semantic Segmentation in
Cityscape via Hyperspectral Image", arXiv 2012.10122: a ResNet-50 of 11 x 11 hyperspectral patches, trained on coarse
labels, classifies every pixel; where a coarse label is far enough inside its region it stays, elsewhere what was
classified replaces it; and a network for RGB images, here HRNet-48, is trained on that.

The order is: `fit("resnet50", scenes, ...)` of `training`; `refine_scenes`; then `catalog.sources.with_train_masks`
and `segment.training.train`, as for any other masks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from hyperpoint.comparisons.model import PatchModel
from hyperpoint.comparisons.patches import Progress
from hyperpoint.comparisons.scenes import PointScene
from hyperpoint.errors import InputError, PointsError
from hyperpoint.io.files import StrPath, make_folder
from hyperpoint.io.masks import write_mask
from hyperpoint.types import IGNORE, ClassTable, LabelArray, PointSet, Scene

# Both as in the code of the method's first author: side of the window within which a coarse label must be alone to
# stay, and labelled pixels of a scene that are learned from.
EROSION = 9
NUM_PER_SCENE = 10_000


def pad_points(points: PointSet, size: tuple[int, int]) -> LabelArray:
    """Return a mask, (H, W) uint8, of the annotated points alone; all else is unlabelled (255).

    That is how the paper pads "point-based annotations to original size" (section 4.2): Table 4 calls such masks "weak
    mask annotations with only sampled points".

    Raises
    ------
    PointsError
        If a point lies outside.
    """
    annotated = points.annotated
    if len(annotated) and (annotated.rows.max() >= size[0] or annotated.cols.max() >= size[1]):
        raise PointsError(f"a point lies outside the {size[0]} x {size[1]} pixels of the mask")
    mask = np.full(size, IGNORE, dtype=np.uint8)
    mask[annotated.rows, annotated.cols] = annotated.labels
    return mask


def draw_from_mask(coarse: LabelArray, rng: np.random.Generator, num: int = NUM_PER_SCENE) -> PointSet:
    """Draw at most `num` labelled pixels of a coarse mask, (H, W) uint8, to train the classifier on."""
    known = np.flatnonzero(coarse != IGNORE)
    chosen = rng.choice(known, size=min(num, len(known)), replace=False)
    rows, cols = np.divmod(np.sort(chosen), coarse.shape[1])
    return PointSet(rows, cols, coarse[rows, cols])


def refine(coarse: LabelArray, classified: LabelArray, erosion: int = EROSION) -> LabelArray:
    """Keep coarse labels well inside their regions, and take what was classified elsewhere.

    Of points padded to a mask nothing is large enough to stay: all labels are then those of the classifier.

    Parameters
    ----------
    coarse, classified
        (H, W) uint8; 255 in `coarse` is unlabelled.
    erosion
        A label stays where the window of so many pixels across, odd, bears it alone.

    Returns
    -------
    (H, W) uint8.

    Raises
    ------
    InputError
        If the two differ in size.
    """
    import cv2

    if coarse.shape != classified.shape:
        raise InputError(
            f"coarse and classified labels must be equally large; got {' x '.join(map(str, coarse.shape))} and "
            f"{' x '.join(map(str, classified.shape))}"
        )
    window = np.ones((erosion, erosion), dtype=np.uint8)
    is_alone = cv2.erode(coarse, window) == cv2.dilate(coarse, window)
    return np.where(is_alone & (coarse != IGNORE), coarse, classified)


def _padded(scene: PointScene, opened: Scene) -> LabelArray:
    return pad_points(scene.points, opened.size)


def refine_scenes(
    model: PatchModel,
    scenes: Sequence[PointScene],
    out: StrPath,
    classes: ClassTable,
    coarse: Callable[[PointScene, Scene], LabelArray] = _padded,
    stride: int = 1,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the refined labels of scenes, to train an RGB network on.

    Parameters
    ----------
    model
        The classifier, trained on these scenes.
    out
        Folder, made if need be: <id of the scene>.png, each replaced atomically.
    classes
        What the ids mean.
    coarse
        The coarse labels of a scene, (H, W) uint8; by default its points, padded.
    stride
        As for `PatchModel.predict`.
    progress
        Called with (done, total, id of the scene).

    Returns
    -------
    The files, in order of the scenes.

    Raises
    ------
    MissingFileError, CubeFormatError, InputError
        If a scene cannot be read, or a file not be written.
    """
    make_folder(out)
    written = []
    for number, scene in enumerate(scenes):
        if progress is not None:
            progress(number, len(scenes), scene.id)
        opened = scene.open()
        labels = refine(coarse(scene, opened), model.predict(opened, stride))
        path = Path(out) / f"{scene.id}.png"
        write_mask(path, labels, classes)
        written.append(path)
    return written
