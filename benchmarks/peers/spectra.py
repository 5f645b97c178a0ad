"""Classifiers of single spectra: support vector machines, discriminant analysis, random forest, the paper's network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import SVC, LinearSVC

from benchmarks.peers.contract import Training
from hyperpoint.cube import FloatArray
from hyperpoint.spectral import SpectralClassifier, make_classifier

# Ties of the cross-validation go to what comes first, and the customary is first.
COSTS = (100.0, 10.0, 1000.0, 1.0, 10000.0)
WIDTHS = (1.0, 0.3, 3.0, 0.1, 10.0)  # times "scale": 1 / (bands · variance of the points' spectra)
NUM_FOLDS = 5
NUM_TREES = 200
CHUNK = 8192
EPOCHS, BATCH = 200, 32

Float64Array = NDArray[np.float64]


def linear_svm(spectra: FloatArray, training: Training, seed: int) -> FloatArray:
    """The paper's linear SVM (C = 0.5, balanced classes)."""
    return _fitted("linear-svm", spectra, training, seed).decision_function(spectra)


def twocnn(spectra: FloatArray, training: Training, seed: int) -> FloatArray:
    """The paper's modified TwoCNN, 200 epochs."""
    iterations = EPOCHS * -(-len(training.cells) // BATCH)
    return _fitted("twocnn", spectra, training, seed, iterations=iterations).decision_function(spectra)


def _fitted(name: str, spectra: FloatArray, training: Training, seed: int, **params: Any) -> SpectralClassifier:
    return make_classifier(name, seed=seed, **params).fit(spectra[training.cells], training.classes)


def random_forest(features: FloatArray, training: Training, seed: int) -> FloatArray:
    """200 trees, scikit-learn's defaults, balanced classes."""
    forest = RandomForestClassifier(NUM_TREES, class_weight="balanced", random_state=seed, n_jobs=1)
    forest.fit(features[training.cells], training.classes)
    return np.concatenate([forest.predict_proba(chunk).astype(np.float32) for chunk in _chunks(features)])


def discriminant_analysis(spectra: FloatArray, training: Training, seed: int) -> FloatArray:
    """Linear discriminant analysis with Ledoit and Wolf's shrinkage and equal priors; probabilities."""
    priors = np.full(training.num_classes, 1 / training.num_classes)
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto", priors=priors)
    model.fit(spectra[training.cells].astype(np.float64), training.classes)
    return np.concatenate([model.predict_proba(chunk).astype(np.float32) for chunk in _chunks(spectra)])


def rbf_svm(spectra: FloatArray, training: Training, seed: int) -> FloatArray:
    """RBF SVM (one against one, balanced), cost and width by 5-fold cross-validation over the points."""
    model = _RbfSVM(spectra, training, seed)
    return model.over_all(spectra, model.machine.fit(model.gram, training.classes).decision_function)


def calibrated_svm(spectra: FloatArray, training: Training, seed: int) -> FloatArray:
    """Return the same SVM's probabilities: softmax at the temperature of its cross-validated scores.

    Platt's sigmoid a class, tried as well, is noisy on 5 points a class: .04 mIoU lower on two street scenes.
    """
    model = _RbfSVM(spectra, training, seed)
    calibrated = CalibratedClassifierCV(model.machine, method="temperature", ensemble=False, cv=model.folds)
    return model.over_all(spectra, calibrated.fit(model.gram, training.classes).predict_proba)


def calibrated_linear_svm(spectra: FloatArray, training: Training, seed: int) -> FloatArray:
    """Return probabilities of the paper's linear SVM, calibrated in the same way."""
    machine = LinearSVC(C=0.5, class_weight="balanced", max_iter=100_000, random_state=seed)
    model = CalibratedClassifierCV(machine, method="temperature", ensemble=False, cv=_folds(training, seed))
    model.fit(spectra[training.cells].astype(np.float64), training.classes)
    return np.concatenate([model.predict_proba(chunk).astype(np.float32) for chunk in _chunks(spectra)])


class _RbfSVM:
    """A tuned machine on a kernel that is computed outside it: LIBSVM's own takes ten times as long for all pixels."""

    def __init__(self, spectra: FloatArray, training: Training, seed: int) -> None:
        points = spectra[training.cells].astype(np.float64)
        self.centre, self.scale = points.mean(axis=0), np.sqrt(points.var() * points.shape[1])
        self.points = (points - self.centre) / self.scale
        self.folds = _folds(training, seed)
        squared = euclidean_distances(self.points, squared=True)
        cost, self.width = self._tune(squared, training)
        self.gram = np.exp(-self.width * squared)
        self.machine = _machine(cost)

    def _tune(self, squared: Float64Array, training: Training) -> tuple[float, float]:
        weights = 1 / np.bincount(training.classes)[training.classes]
        best, highest = (COSTS[0], WIDTHS[0]), -1.0
        for width in WIDTHS:
            gram = np.exp(-width * squared)
            for cost in COSTS:
                hits = 0.0
                for learn, held in self.folds.split(gram, training.classes):
                    machine = _machine(cost).fit(gram[np.ix_(learn, learn)], training.classes[learn])
                    right = machine.predict(gram[np.ix_(held, learn)]) == training.classes[held]
                    hits += float(weights[held] @ right)
                if hits > highest + 1e-9:
                    best, highest = (cost, width), hits
        return best

    def over_all(self, spectra: FloatArray, decide: Any) -> FloatArray:
        """Apply `decide` to the kernel's rows of all pixels; two classes get two columns."""
        parts = []
        for chunk in _chunks(spectra):
            scaled = (chunk - self.centre) / self.scale
            parts.append(decide(np.exp(-self.width * euclidean_distances(scaled, self.points, squared=True))))
        scores = np.concatenate(parts).astype(np.float32)
        return np.stack([-scores, scores], axis=1) if scores.ndim == 1 else scores


def _folds(training: Training, seed: int) -> StratifiedKFold:
    return StratifiedKFold(max(2, min(NUM_FOLDS, training.fewest)), shuffle=True, random_state=seed)


def _machine(cost: float) -> SVC:
    return SVC(C=cost, kernel="precomputed", class_weight="balanced", random_state=0)


def _chunks(values: FloatArray) -> Iterator[FloatArray]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
