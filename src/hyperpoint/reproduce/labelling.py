"""What RGB networks are trained on: the truth, the points alone, annotations, or labels refined by Huang et al."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hyperpoint.comparisons.huang import pad_points
from hyperpoint.errors import PointsError
from hyperpoint.io.images import picture_size
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.io.masks import write_mask
from hyperpoint.reproduce.annotating import annotate_training
from hyperpoint.reproduce.patching import refine_training, refiner_signature
from hyperpoint.reproduce.protocol import Ratio, alpha_name, scored_truth
from hyperpoint.reproduce.sizes import ANNOTATION_TITLES
from hyperpoint.reproduce.study import Study
from hyperpoint.types import LabelArray

Masks = dict[str, Path]


class Labels(ABC):
    """One kind of labels of the training scenes."""

    @property
    @abstractmethod
    def title(self) -> str:
        """As tables call it."""

    @abstractmethod
    def signature(self, study: Study, seed: int) -> dict[str, Any]:
        """Return all that the labels depend on, beside the scenes; nothing is computed."""

    @abstractmethod
    def masks(self, study: Study, seed: int) -> Masks:
        """Make the labels, or find them made, and return their files by id of the scene."""


@dataclass(frozen=True)
class TruthLabels(Labels):
    """The truth: full supervision (F)."""

    @property
    def title(self) -> str:
        """As `Labels.title`."""
        return "GT"

    def signature(self, study: Study, seed: int) -> dict[str, Any]:
        """As `Labels.signature`."""
        return {"kind": "truth"}

    def masks(self, study: Study, seed: int) -> Masks:
        """As `Labels.masks`."""
        return {row.id: truth_mask(study, row) for row in study.train_rows}


@dataclass(frozen=True)
class PointLabels(Labels):
    """The annotated points, padded to masks (M)."""

    @property
    def title(self) -> str:
        """As `Labels.title`."""
        return "Point-based"

    def signature(self, study: Study, seed: int) -> dict[str, Any]:
        """As `Labels.signature`."""
        return {"kind": "points", "points": study.protocol.describe(), "seed": seed}

    def masks(self, study: Study, seed: int) -> Masks:
        """As `Labels.masks`."""
        found = {}
        for row in study.train_rows:
            try:
                points = study.protocol.draw(row, study.dataset, seed)
            except PointsError as error:
                study.complain(f"{row.id} has no points: {error}")
                continue
            signature = {"scene": study.mark_of([row]), **self.signature(study, seed)}
            size = picture_size(row.image)
            found[row.id] = _written(study, signature, partial(pad_points, points, size))
        return found


@dataclass(frozen=True)
class AnnotationLabels(Labels):
    """Annotations from points: `method` is one of `sizes.RECIPES`; `ratio` None is the protocol's."""

    method: str
    ratio: Ratio | None = None

    @property
    def title(self) -> str:
        """As `Labels.title`, with the ratio where it is not the protocol's."""
        title = ANNOTATION_TITLES[self.method]
        return title if self.ratio is None else f"{title}, {alpha_name(self.ratio)}"

    def signature(self, study: Study, seed: int) -> dict[str, Any]:
        """As `Labels.signature`."""
        recipe = study.size.recipe(self.method).as_dict()
        return {"kind": "annotation", "recipe": recipe, "points": study.protocol.describe(self.ratio), "seed": seed}

    def masks(self, study: Study, seed: int) -> Masks:
        """As `Labels.masks`."""
        return annotate_training(study, study.size.recipe(self.method), [seed], self.ratio)[seed].masks


@dataclass(frozen=True)
class HuangLabels(Labels):
    """Points padded to masks, refined by a classifier of hyperspectral patches that was trained on them."""

    @property
    def title(self) -> str:
        """As `Labels.title`."""
        return "Huang et al."

    def signature(self, study: Study, seed: int) -> dict[str, Any]:
        """As `Labels.signature`."""
        return {"kind": "huang", "classifier": refiner_signature(study, seed)}

    def masks(self, study: Study, seed: int) -> Masks:
        """As `Labels.masks`."""
        return refine_training(study, seed)


def truth_mask(study: Study, row: ManifestRow) -> Path:
    """Return a mask of ids of a scene's truth, in which classes that are not scored are unlabelled."""
    signature = {"scene": study.mark_of([row]), "kind": "truth"}
    return _written(study, signature, lambda: scored_truth(row, study.dataset).labels)


def _written(study: Study, signature: dict[str, Any], make: Callable[[], LabelArray]) -> Path:
    path = study.kept.path("mask", signature, ".png")
    if not path.exists():  # written atomically, so what is there is whole
        write_mask(path, make(), study.dataset.classes)
    return path
