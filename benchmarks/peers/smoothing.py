"""Probabilities of single spectra, smoothed along edges: the guided filter and the extended random walker."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from benchmarks.peers.contract import Peer, Scorer, Training, principal_components
from hyperpoint.cube import FloatArray, IndexArray
from hyperpoint.preprocess.normalisation import Normalisation, normalise
from hyperpoint.types import LabelArray, UInt8Array

# Probabilities (h, w, num_classes), guide (h, w, channels) in 0..1, points -> smoothed probabilities.
Smoother = Callable[[FloatArray, FloatArray, Training], FloatArray]
# Cube, rgb -> guide.
Guide = Callable[[FloatArray, UInt8Array], FloatArray]

MIN_WEIGHT = 1e-6  # keeps the graph connected


def smoothed(form: Normalisation, scorer: Scorer, guide: Guide, smoother: Smoother) -> Peer:
    """Make the peer that smooths a scorer's probabilities and takes the highest."""

    def label(
        cube: FloatArray, rgb: UInt8Array, rows: IndexArray, cols: IndexArray, labels: LabelArray, seed: int
    ) -> LabelArray:
        training = Training.of(cube, rgb, rows, cols, labels)
        scores = scorer(normalise(cube, form).reshape(-1, cube.shape[2]), training, seed)
        probabilities = scores.reshape(*training.shape, -1)
        return training.label_map(
            smoother(probabilities, guide(cube, rgb), training).reshape(len(scores), -1).argmax(1)
        )

    return label


def components(num: int) -> Guide:
    """The cube's first principal components, each stretched between its 1st and 99th percentile."""

    def guide(cube: FloatArray, rgb: UInt8Array) -> FloatArray:
        values = principal_components(cube, num)
        low, high = np.percentile(values, (1, 99), axis=0)
        stretched = np.clip((values - low) / (high - low), 0, 1)
        return np.asarray(stretched.reshape(*cube.shape[:2], num), dtype=np.float32)

    return guide


def guided_filter(radius: int, eps: float) -> Smoother:
    """Edge-preserving filtering of the probabilities (Kang, Li and Benediktsson, TGRS 52(5), 2014)."""

    def smooth(probabilities: FloatArray, guide: FloatArray, training: Training) -> FloatArray:
        engine = cv2.ximgproc.createGuidedFilter(np.ascontiguousarray(guide), radius, eps)
        return np.stack([engine.filter(np.ascontiguousarray(p)) for p in np.moveaxis(probabilities, 2, 0)], axis=2)

    return smooth


def random_walker(beta: float, gamma: float) -> Smoother:
    """The extended random walker (Kang et al., TGRS 53(1), 2015; Grady, CVPR 2005, section 2).

    Minimises pᵀ L p + gamma |p - probabilities|² for each class, the points held at their labels. L is the Laplacian
    of the 4-connected grid with weights exp(-beta · d²), d² scaled to 0..1 over the image.
    """

    def smooth(probabilities: FloatArray, guide: FloatArray, training: Training) -> FloatArray:
        flat = probabilities.reshape(-1, probabilities.shape[2]).astype(np.float64)
        system = _laplacian(guide, beta) + gamma * sparse.identity(len(flat), format="csr")
        held = np.zeros(len(flat), dtype=bool)
        held[training.cells] = True
        flat[training.cells] = np.eye(training.num_classes)[training.classes]
        free = ~held
        right = gamma * flat[free] - system[free][:, held] @ flat[held]
        factors = splu(
            system[free][:, free].tocsc(),
            permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True},
        )  # fmt: skip
        flat[free] = factors.solve(right)
        return flat.reshape(probabilities.shape).astype(np.float32)

    return smooth


def _laplacian(guide: FloatArray, beta: float) -> sparse.csr_matrix:
    nodes = np.arange(guide.shape[0] * guide.shape[1]).reshape(guide.shape[:2])
    ends = [(nodes[:, :-1], nodes[:, 1:]), (nodes[:-1], nodes[1:])]
    start, stop = (np.concatenate([pair[side].ravel() for pair in ends]) for side in (0, 1))
    values = guide.reshape(len(nodes.ravel()), -1).astype(np.float64)
    squared = ((values[start] - values[stop]) ** 2).sum(axis=1)
    weights = np.exp(-beta * squared / squared.max()) + MIN_WEIGHT
    shape = (nodes.size, nodes.size)
    one_way = sparse.coo_matrix((weights, (start, stop)), shape=shape)
    both: sparse.csr_matrix = (one_way + one_way.T).tocsr()
    return sparse.diags(np.asarray(both.sum(axis=1)).ravel()).tocsr() - both
