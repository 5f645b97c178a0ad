"""Figure 3: t-SNE of the same points of a scene, by RGB and by spectra."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import FloatArray
from hyperpoint.errors import PointsError
from hyperpoint.reproduce.figures import draw_cloud, new_figure
from hyperpoint.reproduce.report import Report
from hyperpoint.reproduce.scenes import ShownScene, richest_scene
from hyperpoint.reproduce.study import Study
from hyperpoint.reproduce.tables import Cell, Table
from hyperpoint.types import LabelArray, PointSet

COLUMNS = ("class", "row", "col", "rgb_1", "rgb_2", "hs_1", "hs_2")
PERPLEXITY, NUM_NEIGHBOURS = 30, 10
_FEWEST = 3 * NUM_NEIGHBOURS


def run(study: Study) -> Report:
    """Embed the points of a scene in the plane twice, and say how often neighbours there bear the same class."""
    shown = richest_scene(study)
    points, rgb, spectra = _points(study, shown)
    embedded = {"rgb": _embed(rgb), "hs": _embed(spectra)}
    agreement = {name: round(100 * _agreement(places, points.labels), 2) for name, places in embedded.items()}
    figure = new_figure(10, 5)
    for axes, name, title in zip(figure.subplots(1, 2), ("rgb", "hs"), ("RGB", "Hyperspectral"), strict=True):
        said = f"{title}: {agreement[name]:.1f} % of {NUM_NEIGHBOURS} neighbours of the same class"
        draw_cloud(axes, embedded[name], points.labels, study.dataset.classes, said)
    handles, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=6, fontsize=7, frameon=False)
    rows = _rows(study, points, embedded)
    notes = [
        *study.describe()[:1],
        f"Scene {shown.row.id}, {len(points)} points. Of {NUM_NEIGHBOURS} nearest neighbours in the plane, "
        f"{agreement['rgb']} % (RGB) and {agreement['hs']} % (spectra) bear the class of the point; the paper prints "
        f"no numbers. Values of RGB coincide for many points, as the paper notes.",
    ]
    table = Table("fig3", f"Figure 3: t-SNE of RGB and spectra, {study.title}", COLUMNS, rows, notes)
    return Report([table], figure, {"scene": shown.row.id, "same_class_neighbours": agreement})


def _points(study: Study, shown: ShownScene) -> tuple[PointSet, FloatArray, FloatArray]:
    """Return sampled points with a usable spectrum and their truth, with RGB in 0..1 and spectra."""
    points = study.protocol.draw(shown.row, study.dataset, seed=0, ratio=(1, 0))
    if len(points) > study.size.num_embedded:
        chosen = np.random.default_rng(0).choice(len(points), study.size.num_embedded, replace=False)
        points = points.subset(np.sort(chosen))
    spectra, usable = shown.spectra(points.rows, points.cols)
    points = points.subset(usable)
    if len(points) < _FEWEST:
        raise PointsError(
            f"figure 3 takes at least {_FEWEST} points with a usable spectrum; scene {shown.row.id} has {len(points)}: "
            f"draw more (--regions, --per-region)"
        )
    rgb: FloatArray = shown.rgb[points.rows, points.cols].astype(np.float32) / np.float32(255)
    return points, rgb, spectra[usable]


def _embed(features: FloatArray) -> NDArray[np.float64]:
    from sklearn.manifold import TSNE

    perplexity = min(PERPLEXITY, (len(features) - 1) / 3)
    # The start by principal components needs as many features as dimensions, which both have.
    places = TSNE(perplexity=perplexity, init="pca", random_state=0).fit_transform(features)
    return np.asarray(places, dtype=np.float64)


def _agreement(places: NDArray[Any], labels: LabelArray) -> float:
    """Return the mean share of the nearest neighbours of a point that bear its class."""
    from sklearn.neighbors import NearestNeighbors

    neighbours = NearestNeighbors(n_neighbors=NUM_NEIGHBOURS).fit(places).kneighbors(return_distance=False)
    return float((labels[neighbours] == labels[:, None]).mean())


def _rows(study: Study, points: PointSet, embedded: dict[str, NDArray[np.float64]]) -> list[dict[str, Cell]]:
    return [
        {
            "class": study.dataset.classes.names[label], "row": row, "col": col,
            "rgb_1": round(float(rgb[0]), 4), "rgb_2": round(float(rgb[1]), 4),
            "hs_1": round(float(hs[0]), 4), "hs_2": round(float(hs[1]), 4),
        }
        for row, col, label, rgb, hs in zip(points.rows.tolist(), points.cols.tolist(), points.labels.tolist(),
                                            embedded["rgb"], embedded["hs"], strict=True)
    ]  # fmt: skip
