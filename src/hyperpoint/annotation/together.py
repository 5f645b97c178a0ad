"""Learning from the points of several scenes at once, before each is annotated."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from hyperpoint.annotation.annotate import find_training
from hyperpoint.annotation.prepared import PreparedScene, Request
from hyperpoint.annotation.voting import SuperpixelScene, learn_side_by_side
from hyperpoint.types import PointSet

logger = logging.getLogger(__name__)


def learn_together(scenes: Sequence[PreparedScene], points: Sequence[PointSet], seed: int = 0) -> None:
    """Train the classifiers of several scenes side by side; `annotate` with the same points and seed then finds them.

    Every scene gets what it would get alone, but for rounding. A scene that cannot be learned from is left to
    `annotate`, which says why, and so are all if training them side by side fails. Methods without a classifier
    learn when they annotate.

    Parameters
    ----------
    scenes
        Prepared scenes, of any sizes and numbers of bands; best of one recipe, and not more than memory holds.
    points
        For each scene those that it will be annotated from.
    seed
        As in `annotate`.
    """
    able, requests = [], []
    for scene, given in zip(scenes, points, strict=True):
        if not isinstance(scene, SuperpixelScene):
            continue
        try:
            request = Request(given, given.subset(find_training(scene, given)), seed)
        except Exception as error:
            # `annotate` meets it again, and it is that scene's own.
            logger.debug("a scene is not learned from together with others: %s", error)
            continue
        able.append(scene)
        requests.append(request)
    try:
        if able:
            learn_side_by_side(able, requests)
    except Exception as error:
        # Whatever it is, one scene's fault or the accelerator's, it must not cost the other scenes.
        logger.warning("%d scenes could not be learned from together (%s); each is by itself", len(able), error)
