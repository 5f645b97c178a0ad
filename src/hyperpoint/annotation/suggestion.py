"""The next point to click: where one more label would save the most mistakes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hyperpoint.annotation.annotate import make_request
from hyperpoint.annotation.prepared import PreparedScene
from hyperpoint.annotation.survey import Regions, Survey
from hyperpoint.cube import BoolArray, FloatArray, IndexArray
from hyperpoint.errors import InputError
from hyperpoint.library import SpectralLibrary
from hyperpoint.types import ClassTable, PointSet

Float64Array = NDArray[np.float64]

# How alike regions are: exp(-squared distance / WIDTH), the mean squared distance being 1. What a label says reaches
# this far.
WIDTH = 0.1
NOISE = 0.3  # how little one label settles, even of its own region, as a share of the variance
MIN_CLASS_SHARE = 0.002  # of the scene: what is rarer weighs no more
UNFAMILIAR = 0.9  # left of a region's variance: nothing labelled is like it
CERTAIN = 0.9
NEGLIGIBLE = 1e-4  # of the square root of a variance that is 1 at most: regions this unlike say nothing of each other


@dataclass(frozen=True, eq=False)
class Suggestions:
    """Points worth labelling next, the best first.

    Attributes
    ----------
    rows, cols
        (n,) pixels of the rgb grid, each usable and not yet among the points.
    reasons
        (n,) why, in words.
    """

    rows: IndexArray
    cols: IndexArray
    reasons: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)


def suggest(
    prepared: PreparedScene,
    points: PointSet,
    num: int = 5,
    seed: int = 0,
    *,
    classes: ClassTable | None = None,
    library: SpectralLibrary | None = None,
) -> Suggestions:
    """Suggest the next points to label, from what the labelled ones say of the scene so far.

    Small superpixels are compared by how many mistakes are expected in them and in all that look like them. Mistakes
    weigh as in the mean intersection over union: one in a small class counts for more. What is alike to a labelled
    region, or to one already suggested, counts as settled (the variance of a Gaussian process that a label leaves:
    Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, equation 2.26); so the suggestions differ
    from each other and from the points.

    Parameters
    ----------
    prepared
        A scene that `prepare` made ready. Straight after `annotate` with the same points, seed and library its answer
        is used again.
    points
        At least one point in each of two classes. An unannotated point says that somebody looked there and had no
        label for it: nothing like it is suggested soon.
    num
        How many, 1 or more; fewer are returned where nothing is left to ask.
    seed
        As for `annotate`; which of equally good regions comes first depends on it too.
    classes
        Gives the names that the reasons use; None uses the ids.
    library
        As for `annotate`.

    Returns
    -------
    Unlabelled positions on the rgb grid, the best first; never on a masked pixel.

    Raises
    ------
    PointsError
        If fewer than two classes are annotated, or a point lies outside the image.
    InputError
        If `num` or the seed is out of range.
    RecipeError
        If the recipe cannot use a library.
    """
    if not isinstance(num, int | np.integer) or num < 1:
        raise InputError(f"the number of suggestions must be a whole number, 1 or more; got {num!r}")
    request = make_request(prepared, points, seed, library)[0]
    survey = prepared.survey(request)
    regions = survey.regions
    at_points = regions.at(points.rows, points.cols)
    counts = np.bincount(np.searchsorted(survey.class_ids, request.training.labels), minlength=len(survey.class_ids))
    weights = class_weights(survey.probabilities, regions.areas, counts)
    mistakes = expected_mistakes(survey.probabilities, weights)
    chosen, left = _choose(regions, mistakes, at_points, int(num), np.random.default_rng(seed))
    cells = np.array([cell_to_ask(survey, region, left[region], weights) for region in chosen.tolist()], dtype=np.int64)
    reasons = tuple(_reason(survey, region, left[region], classes) for region in chosen.tolist())
    return Suggestions(*regions.pixels(cells), reasons)


def _choose(
    regions: Regions, mistakes: Float64Array, seen: IndexArray, num: int, rng: np.random.Generator
) -> tuple[IndexArray, Float64Array]:
    """Return the regions to ask about, the best first, and what of each region's variance the points have left."""
    weights = (mistakes * regions.areas).astype(np.float32)
    covariance = remaining_covariance(regions, np.unique(seen))
    left = np.maximum(covariance.diagonal(), 0).astype(np.float64)
    free: BoolArray = regions.areas > 0
    free[seen] = False
    shuffled = rng.permutation(len(free))  # of equally good regions none comes first for being at the top
    variance, settled = left.copy(), (weights @ np.square(covariance)).astype(np.float64)
    # Each label takes `reach` · `reach`ᵀ from the covariance, which itself is left alone: to write it anew at each
    # suggestion takes ten times as long.
    reaches = np.zeros((min(num, int(free.sum())), len(free)), dtype=np.float32)
    chosen: list[int] = []
    for taken, reach in enumerate(reaches):
        saved = np.where(free, settled / (variance + NOISE), -np.inf)
        best = int(shuffled[np.argmax(saved[shuffled])])
        chosen.append(best)
        free[best] = False
        earlier = reaches[:taken]
        reach[:] = (covariance[best] - earlier[:, best] @ earlier) / np.sqrt(variance[best] + NOISE)
        felt = np.flatnonzero(np.abs(reach) > NEGLIGIBLE)
        weighted = weights[felt] * reach[felt]
        shared = weighted @ covariance[felt] - (earlier[:, felt] @ weighted) @ earlier
        settled -= reach * (2 * shared - reach * (weighted @ reach[felt]))
        variance = np.maximum(variance - np.square(reach), 0)
    return np.array(chosen, dtype=np.int64), left


def cell_to_ask(survey: Survey, region: int, left: float, weights: Float64Array) -> int:
    """Return the cell of a region to ask about.

    A material nothing is known of is asked about where it is typical. Where the doubt is between known classes it is
    the most doubtful cell that settles it: thin objects are never typical of a region.
    """
    regions = survey.regions
    typical = int(regions.typical[region])
    if left > UNFAMILIAR:
        return typical
    cells = regions.usable_cells(region)
    planes = survey.planes.reshape(len(survey.planes), -1)
    mistakes = expected_mistakes(planes[:, cells].T, weights)
    worst = int(np.argmax(mistakes))
    return int(cells[worst]) if mistakes[worst] > mistakes[cells == typical][0] else typical


def class_weights(probabilities: Float64Array, areas: Float64Array, counts: IndexArray) -> Float64Array:
    """Return what a mistake costs in each class, (num_classes,); the mean is 1.

    It is in inverse proportion to the class's size, as in the intersection over union. A class of few points has more
    to gain: it weighs more by the root of how few, as the error of a mean would.

    Parameters
    ----------
    probabilities
        (n, num_classes) of the regions.
    areas
        (n,) of the regions.
    counts
        (num_classes,) labelled points of each class.
    """
    share = areas @ probabilities / max(float(areas.sum()), 1.0)
    weights = 1 / (np.maximum(share, MIN_CLASS_SHARE) * np.sqrt(counts))
    return np.asarray(weights / weights.mean())


def expected_mistakes(probabilities: FloatArray | Float64Array, weights: Float64Array) -> Float64Array:
    """Return how much each of (n, num_classes) `probabilities` is expected to cost, (n,).

    A cell of class c that is labelled b is missing from c and too many in b, and costs the `weights` of both.
    """
    best = probabilities.argmax(axis=1)
    given = probabilities[np.arange(len(best)), best]
    return np.asarray(weights[best] * (1 - given) + probabilities @ weights - weights[best] * given)


def remaining_covariance(regions: Regions, seen: IndexArray) -> NDArray[np.float32]:
    """Return what the regions still have in common when those `seen` are known, (n, n) float32."""
    features = regions.features
    norms = np.einsum("ij,ij->i", features, features)
    alike = features @ features.T
    alike *= 2
    alike -= norms
    alike -= norms[:, None]
    np.minimum(alike, 0, out=alike)
    alike /= np.float32(WIDTH)
    np.exp(alike, out=alike)
    if len(seen):
        known = alike[np.ix_(seen, seen)].astype(np.float64) + NOISE * np.eye(len(seen))
        reach = np.linalg.solve(np.linalg.cholesky(known), alike[seen].astype(np.float64)).astype(np.float32)
        alike -= reach.T @ reach
    return np.asarray(alike, dtype=np.float32)


def _reason(survey: Survey, region: int, left: float, classes: ClassTable | None) -> str:
    first, second = np.argsort(-survey.probabilities[region], kind="stable")[:2].tolist()
    (one, of_one), (other, of_other) = (
        (_name(int(survey.class_ids[c]), classes), survey.probabilities[region, c]) for c in (first, second)
    )
    if left > UNFAMILIAR:
        return f"unlike every point so far; at a guess {one} ({of_one:.0%})"
    if of_one > CERTAIN:
        return f"to confirm {one} ({of_one:.0%}), which much of the scene hangs on"
    return f"{one} ({of_one:.0%}) or {other} ({of_other:.0%})"


def _name(class_id: int, classes: ClassTable | None) -> str:
    return classes.names[class_id] if classes is not None and class_id < len(classes) else f"class {class_id}"
