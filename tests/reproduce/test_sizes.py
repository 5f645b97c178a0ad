from __future__ import annotations

import numpy as np

from hyperpoint.annotation.recipe import get_recipe
from hyperpoint.comparisons.config import PatchConfig
from hyperpoint.reproduce.sizes import ANNOTATION_TITLES, FULL, MODEL_TITLES, PAPER_MODELS, QUICK, RECIPES
from hyperpoint.segment.config import make_config
from hyperpoint.segment.models import check_model_name


def test_full_is_the_papers_schedule() -> None:
    config = make_config(FULL.settings)
    assert (config.steps, config.batch_size, config.lr) == (80_000, 4, 0.01)
    assert FULL.recipe("twocnn") == get_recipe("paper-twocnn-40k")
    assert FULL.recipe("twocnn").classifier_params == {"iterations": 40_000}
    assert FULL.models["hrnet"] == "hrnet_w48"
    assert FULL.refiner == "resnet50"
    assert FULL.num_seeds >= 3 <= FULL.num_network_seeds
    assert FULL.image_scale((1422, 1889)) == 1
    assert FULL.stride((512, 512)) == 1


def test_quick_cuts_twocnn_and_says_so() -> None:
    recipe = QUICK.recipe("twocnn-rgb")
    assert recipe.name == f"paper-twocnn-{QUICK.twocnn_iterations}-rgb"
    assert recipe.classifier_params == {"iterations": QUICK.twocnn_iterations}
    assert recipe.modality == "rgb"
    assert QUICK.recipe("svm") == get_recipe("paper-svm")


def test_quick_makes_large_images_small() -> None:
    assert QUICK.image_scale((1422, 1889)) * 1889 == np.float64(QUICK.longest or 0)
    assert QUICK.image_scale((64, 64)) == 1
    assert 1889 / QUICK.stride((1422, 1889)) <= (QUICK.classified or 0)


def test_every_name_is_known() -> None:
    for size in (FULL, QUICK):
        PatchConfig(**size.patch_settings)
        make_config(size.settings)
        assert set(size.models) == set(PAPER_MODELS)
        for model in size.models.values():
            check_model_name(model)
            assert model in MODEL_TITLES
        assert size.refiner in MODEL_TITLES
    assert set(ANNOTATION_TITLES) == set(RECIPES)
