from __future__ import annotations

import logging
import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression as Regression

from hyperpoint.errors import RecipeError
from hyperpoint.spectral.logistic import LogisticRegression


@pytest.mark.parametrize("num_classes", [2, 4])
def test_agrees_with_scikit_learn(num_classes: int) -> None:
    rng = np.random.default_rng(num_classes)
    labels = np.r_[np.arange(num_classes), rng.integers(0, num_classes, 60)]
    spectra = (rng.random((num_classes, 10))[labels] + rng.random((len(labels), 10))).astype(np.float32)
    theirs = Regression(C=100, class_weight="balanced", solver="newton-cholesky", tol=1e-9, max_iter=1000)
    theirs.fit(spectra.astype(np.float64), labels)
    probabilities = LogisticRegression().fit(spectra, labels).decision_function(spectra)
    assert np.allclose(probabilities, theirs.predict_proba(spectra), atol=5e-4)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_far_spectra_do_not_overflow() -> None:
    classifier = LogisticRegression().fit(np.eye(3, dtype=np.float32), np.arange(3))
    assert np.isfinite(classifier.decision_function(np.full((2, 3), [1e6, 0, -1e6], np.float32))).all()


def test_warnings_of_the_solver_are_logged(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    fit = Regression.fit

    def warn_and_fit(self: Regression, *args: object) -> Regression:
        warnings.warn("did not converge", stacklevel=1)
        return fit(self, *args)

    monkeypatch.setattr(Regression, "fit", warn_and_fit)
    with caplog.at_level(logging.WARNING):
        LogisticRegression().fit(np.eye(2, dtype=np.float32), np.arange(2))
    assert "did not converge" in caplog.text


def test_a_bad_weight_is_refused() -> None:
    with pytest.raises(RecipeError, match="C must be"):
        LogisticRegression(C=-1)
