from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from hyperpoint.errors import InputError
from hyperpoint.io.masks import read_label_ids
from hyperpoint.reproduce.labelling import AnnotationLabels, Labels, PointLabels, TruthLabels
from hyperpoint.reproduce.networks import (
    image_scale,
    inference,
    name_of,
    network_scores,
    run_folder,
    scored_manifest,
    train_manifest,
    training_config,
)
from hyperpoint.reproduce.protocol import scored_truth
from hyperpoint.reproduce.sizes import FULL, QUICK, Size
from hyperpoint.reproduce.study import Study

MakeStudy = Callable[..., Study]


def test_in_full_it_is_the_papers_training(make_study: MakeStudy) -> None:
    config = training_config(make_study(size=FULL, weights="imagenet"), "hrnet", seed=2)
    assert (config.model, config.weights, config.steps, config.batch_size) == ("hrnet_w48", "imagenet", 80_000, 4)
    assert (config.crop, config.scale, config.seed) == ((512, 512), (0.5, 2.0), 2)


def test_networks_see_test_images_as_large_as_training_images(make_study: MakeStudy, tiny: Size) -> None:
    study = make_study(size=replace(tiny, longest=32))  # the scenes have 64 x 64 pixels
    assert image_scale(study) == 0.5
    assert inference(study).scales == (0.5,)
    assert training_config(study, "fcn").scale == (0.375, 0.75)


def test_no_training_is_given_validation_or_test_scenes(make_study: MakeStudy) -> None:
    study = make_study("lib-hsi")
    masks = TruthLabels().masks(study, 0)
    manifest = train_manifest(study, masks, study.kept.folder / "m" / "train.csv")
    assert manifest.splits == ["train"]
    assert [row.id for row in manifest.rows] == [row.id for row in study.train_rows]
    assert scored_manifest(study).splits == ["test"]


def test_scenes_are_scored_by_their_truth_without_unscored_classes(make_study: MakeStudy) -> None:
    study = make_study("lib-hsi")
    for row, source in zip(scored_manifest(study).rows, study.test_rows, strict=True):
        assert row.label is not None
        assert (read_label_ids(row.label) == scored_truth(source, study.dataset).labels).all()


def test_nothing_labelled_is_said(make_study: MakeStudy) -> None:
    study = make_study()
    with pytest.raises(InputError, match="no training scene could be labelled"):
        train_manifest(study, {}, study.kept.folder / "train.csv")


def test_trainings_that_differ_have_folders_of_their_own(make_study: MakeStudy) -> None:
    study = make_study()
    kinds = [PointLabels(), TruthLabels(), AnnotationLabels("svm"), AnnotationLabels("svm", (1, 8))]
    folders = {run_folder(study, "hrnet", labels, seed) for labels in kinds for seed in (0, 1)}
    assert len(folders) == 8
    assert name_of("hrnet", AnnotationLabels("svm", (1, 8)), 1) == "hrnet, SVM+SLIC, 1:8, seed 1"


def test_what_is_not_asked_for_is_not_trained(make_study: MakeStudy) -> None:
    assert network_scores(make_study(only=["fcn"]), "hrnet", TruthLabels()) == []


def test_a_network_is_trained_once_and_scored_over_the_scored_classes(make_study: MakeStudy) -> None:
    study = make_study("lib-hsi")
    (matrix,) = network_scores(study, "hrnet", TruthLabels())
    truth = scored_truth(study.test_rows[0], study.dataset).labels
    assert matrix.num_pixels == (truth != 255).sum()
    assert not matrix.support[list(study.dataset.unscored)].any()
    folder = run_folder(study, "hrnet", TruthLabels(), 0)
    assert (folder / "model.safetensors").exists()
    assert not (folder / "last.ckpt").exists()
    again = make_study("lib-hsi", only=["nothing"])
    assert (network_scores(again, "hrnet", TruthLabels())[0].counts == matrix.counts).all()


@pytest.mark.slow
@pytest.mark.parametrize("labels", [PointLabels(), TruthLabels()], ids=["points", "truth"])
@pytest.mark.parametrize("network", ["fcn", "deeplab", "hrnet", "pspnet"])
def test_each_network_of_table_4_learns(network: str, labels: Labels, make_study: MakeStudy) -> None:
    """On a scene it has not seen it is right 5 points more often, by the mean over classes, than chance can be."""
    settings = {**QUICK.settings, "steps": 40, "crop": (64, 64), "scale": (1.0, 1.0), "accelerator": "cpu"}
    study = make_study(size=replace(QUICK, num_train=3, num_test=1, settings=settings, longest=64))
    (matrix,) = network_scores(study, network, labels)
    chance = 1 / (matrix.support > 0).sum()  # of whoever names one class everywhere, or any by lot
    assert matrix.mean_accuracy > chance + 0.05
