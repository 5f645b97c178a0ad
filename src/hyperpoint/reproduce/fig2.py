"""Figure 2: spectra of pixels of one scene, in the colours of their classes."""

from __future__ import annotations

import numpy as np

from hyperpoint.cube import FloatArray
from hyperpoint.io.preview import draw_points
from hyperpoint.reproduce.figures import class_color, new_figure
from hyperpoint.reproduce.report import Report
from hyperpoint.reproduce.scenes import ShownScene, richest_scene
from hyperpoint.reproduce.study import Study
from hyperpoint.reproduce.tables import Cell, Table
from hyperpoint.types import IGNORE, PointSet

NUM_CLASSES, PER_CLASS = 8, 6
COLUMNS = ("class", "row", "col", "wavelength_nm", "value")


def run(study: Study) -> Report:
    """Draw pixels of the commonest classes of a scene, and show where they lie and what their spectra are."""
    shown = richest_scene(study)
    points, spectra = _pixels(shown)
    wavelengths = _wavelengths(shown)
    classes = study.dataset.classes
    figure = new_figure(11, 4)
    photo, axes = figure.subplots(1, 2)
    photo.imshow(draw_points(shown.rgb, points, classes))
    photo.set_axis_off()
    for one in points.class_ids.tolist():
        part = spectra[points.labels == one]
        for number, spectrum in enumerate(part):
            label = classes.names[one] if number == 0 else None
            axes.plot(wavelengths, spectrum, color=class_color(classes, one), linewidth=1, label=label)
    axes.set_xlabel("wavelength, nm" if shown.scene.wavelengths is not None else "band")
    axes.set_ylabel("divided by its maximum")
    axes.set_facecolor("#f4f4f4")
    axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    notes = [*study.describe()[:1], f"Scene {shown.row.id}, calibrated where the set has a white panel; the paper "
             "prints no numbers for this figure."]  # fmt: skip
    table = Table("fig2", f"Figure 2: spectra by class, {study.title}", COLUMNS,
                  _rows(study, points, spectra, wavelengths), notes)  # fmt: skip
    return Report([table], figure, {"scene": shown.row.id})


def _pixels(shown: ShownScene) -> tuple[PointSet, FloatArray]:
    """Draw `PER_CLASS` pixels with a usable spectrum of each of the `NUM_CLASSES` commonest classes."""
    rng = np.random.default_rng(0)
    counts = np.bincount(shown.truth.ravel(), minlength=IGNORE + 1)[:IGNORE]
    common = np.argsort(-counts, kind="stable")[:NUM_CLASSES]
    chosen = []
    for one in common[counts[common] > 0]:
        places = np.flatnonzero(shown.truth == one)
        chosen.append(rng.choice(places, min(2 * PER_CLASS, len(places)), replace=False))
    rows, cols = np.divmod(np.concatenate(chosen), shown.truth.shape[1])
    points = PointSet(rows, cols, shown.truth[rows, cols])
    spectra, usable = shown.spectra(points.rows, points.cols)
    kept = np.concatenate([np.flatnonzero(usable & (points.labels == one))[:PER_CLASS] for one in points.class_ids])
    return points.subset(kept), spectra[kept]


def _wavelengths(shown: ShownScene) -> FloatArray:
    """Return the wavelengths of the good bands in nm, or their numbers where they are not known."""
    cube = shown.scene.cube
    every = np.arange(cube.shape[2]) if cube.wavelengths is None else cube.wavelengths
    return np.asarray(every[cube.good_bands], dtype=np.float32)


def _rows(study: Study, points: PointSet, spectra: FloatArray, wavelengths: FloatArray) -> list[dict[str, Cell]]:
    places = zip(points.rows.tolist(), points.cols.tolist(), points.labels.tolist(), spectra.tolist(), strict=True)
    return [
        {"class": study.dataset.classes.names[label], "row": row, "col": col,
         "wavelength_nm": round(nm, 2), "value": round(value, 5)}
        for row, col, label, spectrum in places
        for nm, value in zip(wavelengths.tolist(), spectrum, strict=True)
    ]  # fmt: skip
