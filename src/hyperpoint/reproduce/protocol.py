"""How points are drawn, and how often everything is repeated."""

from __future__ import annotations

import zlib
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from hyperpoint.catalog.dataset import Dataset
from hyperpoint.catalog.sampling import NUM_REGIONS, PER_REGION, RATIO, sample_regions
from hyperpoint.comparisons.scenes import truth_of
from hyperpoint.errors import InputError
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.types import IGNORE, PointSet, Truth

Ratio = tuple[float, float]

# Figure 7: "the performance of alpha from 1:4 to 1:32".
ALPHAS: tuple[Ratio, ...] = ((1, 4), (1, 8), (1, 16), (1, 32))


@dataclass(frozen=True)
class Protocol:
    """How points are drawn (paper, section 4.2), and how often.

    The paper leaves N and k open. 100 regions of 10 points make a thousand sampled points an image, of which 200 are
    annotated: a region of LIB-HSI is then about as large as a superpixel, so that nearly every superpixel has points to
    vote (`catalog.sampling`). One draw of points moves a mean IoU by several points on few scenes, so everything is
    done with three or more seeds and reported with its spread.

    Attributes
    ----------
    num_regions, per_region
        N and k.
    ratio
        Annotated to unannotated points: 1:4, as in all of the paper but figure 7.
    num_seeds
        Seeds 0 to this - 1 of points, classifiers and networks; None: as many as the size says, 3 in full.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    num_regions: int = NUM_REGIONS
    per_region: int = PER_REGION
    ratio: Ratio = RATIO
    num_seeds: int | None = None

    def __post_init__(self) -> None:
        if min(self.num_regions, self.per_region) < 1 or (self.num_seeds is not None and self.num_seeds < 1):
            raise InputError(
                f"regions, points in each and seeds must be 1 or more; got {self.num_regions}, {self.per_region} and "
                f"{self.num_seeds}"
            )

    def draw(self, row: ManifestRow, dataset: Dataset, seed: int, ratio: Ratio | None = None) -> PointSet:
        """Draw the points of a scene; scene and seed decide which, whatever method asks.

        Classes that are not scored are left out before drawing: nobody annotates them.

        Parameters
        ----------
        ratio
            None: the protocol's.

        Raises
        ------
        PointsError
            If no pixel bears a scored class.
        """
        rng = np.random.default_rng([seed, zlib.crc32(row.id.encode())])
        truth = scored_truth(row, dataset)
        return sample_regions(truth, self.num_regions, self.per_region, ratio or self.ratio, rng)

    def describe(self, ratio: Ratio | None = None) -> dict[str, Any]:
        """Return what decides the points of a scene and seed, JSON-serialisable."""
        values = asdict(self)
        values.pop("num_seeds")
        # As numbers of one type: 1:4 from the command line and 1:4 of figure 7 are to be kept under one name.
        return {**values, "ratio": [float(part) for part in ratio or self.ratio]}


def scored_truth(row: ManifestRow, dataset: Dataset) -> Truth:
    """Read the labels of a scene; classes that are not scored become unlabelled."""
    labels = truth_of(row, dataset).labels
    return Truth(np.where(np.isin(labels, dataset.unscored), IGNORE, labels).astype(np.uint8))


def alpha_name(ratio: Ratio) -> str:
    """Return a ratio as people write it: "1:4"."""
    return f"{ratio[0]:g}:{ratio[1]:g}"
