"""How many pixels bear each label, counted once for each annotation."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from hyperpoint.cube import IndexArray
from hyperpoint.types import Annotation, LabelArray

if TYPE_CHECKING:
    from hyperpoint.studio.current import Current

_counted: WeakKeyDictionary[Current, tuple[Annotation | None, LabelArray, IndexArray]] = WeakKeyDictionary()


def pixel_counts(current: Current) -> IndexArray:
    """Return how many pixels of the open scene bear each label, (256,); the last is how many bear none."""
    annotation, corrections = current.annotation, current.session.state.corrections
    known = _counted.get(current)
    if known is None or known[0] is not annotation or known[1] is not corrections:
        known = annotation, corrections, np.bincount(current.labels.ravel(), minlength=256)
        _counted[current] = known
    return known[2]
