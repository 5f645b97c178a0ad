"""The training of the demonstration at a tiny size: two steps of a tiny network."""

from __future__ import annotations

import importlib.machinery
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperpoint.demo import training, training_report
from hyperpoint.errors import MissingExtraError
from hyperpoint.io.images import read_rgb
from hyperpoint.io.manifest import read_manifest
from hyperpoint.io.masks import read_label_ids
from hyperpoint.metrics import ConfusionMatrix

SETTINGS = {
    **training.SETTINGS,
    "steps": 2,
    "batch_size": 2,
    "crop": (32, 32),
    "model": "smp:fpn:tu-mobilenetv3_small_050",
}
Told = list[tuple[int, int, str]]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> tuple[training.TrainingResult, Path, Told]:
    out = tmp_path_factory.mktemp("training")
    told: Told = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "SETTINGS", SETTINGS)
        patch.setattr(training, "NUM_SCENES", 3)
        patch.setattr(training, "SIZE", (48, 64))
        done = training.run_training(out, 0, lambda now, total, what: told.append((now, total, what)))
    return done, out, told


def test_the_three_differ_in_their_labels_alone(result: tuple[training.TrainingResult, Path, Told]) -> None:
    done, out, _ = result
    manifests = {kind: read_manifest(out / kind / "manifest.csv") for kind in training.KINDS}
    assert len({tuple(row.image.resolve() for row in one.rows) for one in manifests.values()}) == 1
    assert {row.split for one in manifests.values() for row in one.rows} == {"train"}
    images = {row.image for row in manifests["truth"].rows}
    assert done.num_scenes == len(images) == 2
    # No unseen scene is among what was trained on.
    assert len(done.unseen) == 1
    assert all((read_rgb(image) != done.unseen[0].rgb).any() for image in images)


def test_points_are_those_of_the_truth(result: tuple[training.TrainingResult, Path, Told]) -> None:
    done, out, _ = result
    num = 0
    for row in read_manifest(out / "points" / "manifest.csv").rows:
        points, truth, annotation = (
            read_label_ids(out / kind / f"{row.id}.png") for kind in ("points", "truth", "annotations")
        )
        labelled = points != 255
        num += int(labelled.sum())
        assert (points[labelled] == truth[labelled]).all()
        assert (annotation != 255).mean() > 0.9
        assert (annotation != truth).any()
    assert num == done.num_points
    assert done.networks["points"].labelled_share == pytest.approx(num / (2 * 48 * 64))


def test_scores_are_those_of_the_predictions(result: tuple[training.TrainingResult, Path, Told]) -> None:
    done, out, _ = result
    assert list(done.networks) == list(training.KINDS)
    for kind, network in done.networks.items():
        matrix = ConfusionMatrix(len(done.classes))
        for scene in done.unseen:
            matrix.update(scene.predictions[kind], scene.truth)
        assert np.array_equal(matrix.counts, network.matrix.counts)
        assert (out / kind / "run" / "model.safetensors").exists()
        assert not (out / kind / "run" / "last.ckpt").exists()


def test_progress_tells_of_every_phase(result: tuple[training.TrainingResult, Path, Told]) -> None:
    told = [what for _, _, what in result[2]]
    for phase in ("synthesising", "annotating", "on the truth", "on the annotations", "on the points"):
        assert any(what.startswith(phase) for what in told)


def test_report_and_pictures(result: tuple[training.TrainingResult, Path, Told], tmp_path: Path) -> None:
    done = result[0]
    html = training_report.render_training(done)
    assert html.count("<figure>") == 5 * len(done.unseen)
    (_, _, miou, _, ratio, _), *others = training_report.training_rows(done)
    assert f"<b>{100 * miou:.1f}</b>" in html
    assert ratio == 1
    assert all(other[4] == pytest.approx(other[2] / miou) for other in others)
    training_report.write_training_pictures(tmp_path, done)
    (picture,) = tmp_path.iterdir()
    assert read_rgb(picture).shape == (48, 5 * 64 + 4 * 8, 3)


def test_without_the_extra_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> Any:
        return None if name == "lightning" else importlib.machinery.ModuleSpec(name, None)

    monkeypatch.setattr(training, "find_spec", find)
    with pytest.raises(MissingExtraError, match=r"lightning.*hyperpoint\[deep\]") as caught:
        training.run_training(tmp_path)
    assert not list(tmp_path.iterdir())
    assert "Nothing was trained" in training_report.render_skipped(str(caught.value))
