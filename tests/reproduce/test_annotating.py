from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.annotation.recipe import get_recipe
from hyperpoint.io.masks import read_label_ids, write_mask
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.reproduce import annotating
from hyperpoint.reproduce.annotating import SceneJob, annotate_scene, annotate_training
from hyperpoint.reproduce.counts import add_to
from hyperpoint.reproduce.protocol import Protocol, scored_truth
from hyperpoint.reproduce.study import Study
from hyperpoint.types import IGNORE

MakeStudy = Callable[..., Study]
SVM = get_recipe("paper-svm")


def test_the_score_is_that_of_the_mask(make_study: MakeStudy) -> None:
    study = make_study("lib-hsi")
    found = annotate_training(study, SVM, [0, 1])
    for one in found.values():
        expected = study.matrix()
        for row in study.train_rows:
            expected.update(read_label_ids(one.masks[row.id]), scored_truth(row, study.dataset).labels)
        np.testing.assert_array_equal(one.matrix(study.matrix()).counts, expected.counts)
    assert found[0].masks.keys() == {row.id for row in study.train_rows}


def test_the_truth_of_points_that_nobody_annotated_changes_nothing(make_study: MakeStudy, tmp_path: Path) -> None:
    """Where the released code picks the best epoch by that truth, ours cannot see it."""
    study = make_study()
    row, seed = study.train_rows[0], 0
    points = study.protocol.draw(row, study.dataset, seed)
    shuffled = scored_truth(row, study.dataset).labels.copy()
    free = shuffled != IGNORE
    free[points.annotated.rows, points.annotated.cols] = False
    shuffled[free] = np.random.default_rng(1).permutation(shuffled[free])
    write_mask(tmp_path / "truth.png", shuffled, study.dataset.classes)
    assert row.label is not None
    recipe = study.size.recipe("twocnn")
    masks = [tmp_path / "before.png", tmp_path / "after.png"]
    for one, mask in zip((row, replace(row, label=tmp_path / "truth.png")), masks, strict=True):
        annotate_scene(SceneJob(one, study.dataset, study.protocol, study.protocol.ratio, recipe, {seed: mask}))
    assert masks[0].read_bytes() == masks[1].read_bytes()


def test_what_is_done_is_found_again(make_study: MakeStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    before = annotate_training(make_study(), SVM, [0])

    def refuse(_job: SceneJob) -> None:
        raise AssertionError("annotated again")

    monkeypatch.setattr(annotating, "annotate_scene", refuse)
    assert annotate_training(make_study(), SVM, [0])[0].scores == before[0].scores
    with pytest.raises(AssertionError, match="annotated again"):
        annotate_training(make_study(protocol=Protocol(36, 4)), SVM, [0])


def test_an_interrupted_run_goes_on_where_it_was(make_study: MakeStudy) -> None:
    def stop(done: int, _total: int, _what: str) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        annotate_training(make_study(progress=stop), SVM, [0])
    study = make_study()
    whole = annotate_training(study, SVM, [0])[0]
    assert (study.kept.num_found, study.kept.num_made) == (1, 1)
    assert len(whole.masks) == 2


def test_a_mask_that_was_removed_is_made_anew(make_study: MakeStudy) -> None:
    first = annotate_training(make_study(), SVM, [0])[0]
    mask = next(iter(first.masks.values()))
    content = mask.read_bytes()
    mask.unlink()
    annotate_training(make_study(), SVM, [0])
    assert mask.read_bytes() == content


def test_a_scene_that_cannot_be_annotated_is_left_out_and_told(make_study: MakeStudy) -> None:
    study = make_study(protocol=Protocol(1, 2, ratio=(1, 1)))  # one annotated point: one class
    found = annotate_training(study, SVM, [0])[0]
    assert not found.masks
    assert len(study.problems) == 2
    assert all("cannot be annotated by paper-svm" in problem for problem in study.problems)
    assert add_to(ConfusionMatrix(19), found.scores.values()).num_pixels == 0
