from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.svm import SVC

from hyperpoint.errors import RecipeError
from hyperpoint.spectral import kernel_svm
from hyperpoint.spectral.kernel_svm import RbfSVM


@pytest.mark.parametrize("num_classes", [2, 3, 6])
@pytest.mark.parametrize("gamma", ["scale", 3.0])
def test_agrees_with_scikit_learn(num_classes: int, gamma: Any) -> None:
    rng = np.random.default_rng(num_classes)
    labels = np.r_[np.arange(num_classes), rng.integers(0, num_classes, 90)]
    spectra = (rng.random((num_classes, 12))[labels] + 2 * rng.random((len(labels), 12))).astype(np.float32) / 3
    fresh = rng.random((500, 12), dtype=np.float32)
    theirs = SVC(
        C=300, gamma=gamma, class_weight="balanced", decision_function_shape="ovr", break_ties=num_classes > 2
    ).fit(spectra, labels)
    ours = RbfSVM(gamma=gamma).fit(spectra, labels)
    expected = theirs.decision_function(fresh)
    if num_classes == 2:
        expected = np.stack([-expected, expected], axis=1)
    # A margin within rounding of 0 may turn a vote about; none does here.
    assert np.allclose(ours.decision_function(fresh), expected, atol=2e-3)
    assert np.array_equal(ours.predict(fresh), theirs.predict(fresh))


def test_chunks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    spectra, labels = rng.random((20, 5), dtype=np.float32), np.arange(20) % 3
    classifier = RbfSVM().fit(spectra, labels)
    whole = classifier.decision_function(spectra)
    monkeypatch.setattr(kernel_svm, "CHUNK_VALUES", 60)
    assert np.allclose(classifier.decision_function(spectra), whole, atol=1e-4)


@pytest.mark.parametrize("bad", [{"C": 0}, {"gamma": "auto"}, {"gamma": 0.0}, {"gamma": None}])
def test_bad_parameters_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        RbfSVM(**bad)
