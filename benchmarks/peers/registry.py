"""All peers by name."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.peers import smoothing, spectra, spy
from benchmarks.peers.contract import Peer, Remembered, Scorer, per_pixel
from benchmarks.peers.recipes import recipe
from benchmarks.peers.texture import texture_forest
from hyperpoint.preprocess.normalisation import Normalisation

OURS = "best"


@dataclass(frozen=True)
class Entry:
    """A line of the table.

    Attributes
    ----------
    family
        Entries of one family are settings of one method, the first its default; the table has the default, and the
        best of them on each set, chosen by the truth.
    """

    title: str
    peer: Peer
    family: str


def all_peers() -> dict[str, Entry]:
    """Return every peer, the project's own recipes first."""
    single = {
        "best": ("**the recipe `best`**", recipe("best")),
        "paper-svm": ("`paper-svm`: linear SVM, SLIC 50", recipe("paper-svm")),
        "paper-logreg": ("`paper-logreg`", recipe("paper-logreg")),
        "paper-rbf": ("`paper-rbf`", recipe("paper-rbf")),
        "paper-twocnn": ("`paper-twocnn`", recipe("paper-twocnn")),
        "linear-svm": ("linear SVM of the paper, per pixel (max)", per_pixel("max", spectra.linear_svm)),
        "twocnn": ("TwoCNN, 200 epochs, per pixel (max)", per_pixel("max", spectra.twocnn)),
        "forest": ("random forest on spectra", per_pixel("none", spectra.random_forest)),
        "ilastik-like": ("multi-scale features of 10 PCA bands, random forest", texture_forest(10, False)),
        "texture-spectra": ("those of 3 PCA bands and spectra, random forest", texture_forest(3, True)),
        "svm-max": ("RBF SVM, tuned (max)", per_pixel("max", spectra.rbf_svm)),
        "svm-l2": ("RBF SVM, tuned (L2)", per_pixel("l2", spectra.rbf_svm)),
        "lda-max": ("LDA with shrinkage (max)", per_pixel("max", spectra.discriminant_analysis)),
        "lda-raw": ("LDA with shrinkage (raw)", per_pixel("none", spectra.discriminant_analysis)),
        "spy-angle": ("SPy: spectral angle to the nearest point", spy.angle_mapper),
        "spy-gaussian": ("SPy: Gaussian maximum likelihood (PCA)", spy.maximum_likelihood),
        "spy-mahalanobis": ("SPy: Mahalanobis distance (PCA)", spy.mahalanobis),
    }
    entries = {name: Entry(title, peer, name) for name, (title, peer) in single.items()}
    return entries | _guided_filters() | _random_walkers()


def _guided_filters() -> dict[str, Entry]:
    settings = {"": (3, 6, 1e-3), "@r3": (3, 3, 1e-2), "@pc1": (1, 3, 1e-3)}
    entries = {}
    bases: dict[str, tuple[str, Normalisation, Scorer]] = {
        "svm-max": ("RBF SVM (max)", "max", spectra.calibrated_svm),
        "svm-l2": ("RBF SVM (L2)", "l2", spectra.calibrated_svm),
    }
    for base, (title, form, scorer) in bases.items():
        remembered = Remembered(scorer)
        for suffix, (num, radius, eps) in settings.items():
            smoother = smoothing.guided_filter(radius, eps)
            peer = smoothing.smoothed(form, remembered, smoothing.components(num), smoother)
            entries[f"epf-{base}{suffix}"] = Entry(f"guided filter (EPF) on {title}", peer, f"epf-{base}")
    return entries


def _random_walkers() -> dict[str, Entry]:
    # The last is as published (Kang et al. 2015).
    settings = {"": (3, 710.0, 1e-2), "@wide": (3, 100.0, 1e-2), "@near": (3, 100.0, 1e-1), "@kang": (1, 710.0, 1e-5)}
    entries = {}
    bases: dict[str, tuple[str, Normalisation, Scorer]] = {
        "svm-max": ("RBF SVM (max)", "max", spectra.calibrated_svm),
        "svm-l2": ("RBF SVM (L2)", "l2", spectra.calibrated_svm),
        "linear-svm": ("linear SVM (max)", "max", spectra.calibrated_linear_svm),
        "lda-max": ("LDA (max)", "max", spectra.discriminant_analysis),
        "lda-raw": ("LDA (raw)", "none", spectra.discriminant_analysis),
    }
    for base, (title, form, scorer) in bases.items():
        remembered = Remembered(scorer)
        for suffix, (num, beta, gamma) in settings.items():
            smoother = smoothing.random_walker(beta, gamma)
            peer = smoothing.smoothed(form, remembered, smoothing.components(num), smoother)
            entries[f"erw-{base}{suffix}"] = Entry(f"extended random walker on {title}", peer, f"erw-{base}")
    return entries
