"""How much is computed: everything by the paper's schedules, or a small part by short ones (--quick)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hyperpoint.annotation.recipe import Recipe, get_recipe

# What the columns of tables 2 and 3 and the rows of table 4 call the networks, and what they are in full.
PAPER_MODELS = {
    "fcn": "fcn_r50",
    "deeplab": "deeplabv3plus_r50",
    "hrnet": "hrnet_w48",
    "pspnet": "pspnet_r50",
}
MODEL_TITLES = {
    "fcn_r50": "FCN-50",
    "deeplabv3plus_r50": "DeepLabV3+-50",
    "hrnet_w48": "HRNet-48",
    "hrnet_w18": "HRNet-18",
    "pspnet_r50": "PSPNet-50",
    "smp:unet:resnet18": "U-Net-18",
    "smp:deeplabv3plus:resnet18": "DeepLabV3+-18",
    "smp:pspnet:resnet18": "PSPNet-18",
    "resnet50": "ResNet-50",
    "resnet18": "ResNet-18",
}


def model_title(model: str) -> str:
    """Return what tables call a network: "HRNet-48" for hrnet_w48; one that has no title is called by its name."""
    return MODEL_TITLES.get(model, model)


# The annotation methods, by the names that tables use; TwoCNN runs 40,000 iterations unless a size cuts them.
RECIPES = {
    "svm": "paper-svm",
    "svm-rgb": "paper-svm-rgb",
    "twocnn": "paper-twocnn-40k",
    "twocnn-rgb": "paper-twocnn-40k-rgb",
    "best": "best",
}
ANNOTATION_TITLES = {
    "svm": "SVM+SLIC",
    "svm-rgb": "SVM+SLIC (RGB)",
    "twocnn": "TwoCNN+SLIC",
    "twocnn-rgb": "TwoCNN+SLIC (RGB)",
    "best": "best",
}


@dataclass(frozen=True)
class Size:
    """How much is computed.

    Attributes
    ----------
    name
        "full" or "quick".
    num_train, num_test
        Scenes of each split, evenly spread over the list of them; None: all.
    num_seeds, num_network_seeds
        Seeds of annotations, and of everything in which a network is trained over the data set.
    twocnn_iterations
        Of the paper's modified TwoCNN; None: the paper's.
    models
        The network that stands for each of `PAPER_MODELS`.
    settings
        Of the training of RGB networks, over the defaults of `TrainingConfig`, which are the paper's.
    longest
        Networks see images made smaller so that their longer side has at most so many pixels; None: as they are.
    patch_settings
        Of the patch classifiers, over the defaults of `PatchConfig`.
    refiner
        The patch classifier in Huang et al.'s method.
    classified
        Patch classifiers label only every so many pixels that a cube's longer side has about this many; None: all.
    num_embedded
        Points of figure 3.
    memory_steps
        Steps of the trainings whose memory figure 8 measures.
    weights
        What RGB networks start from, unless --weights says otherwise.
    """

    name: str
    num_train: int | None = None
    num_test: int | None = None
    num_seeds: int = 3
    num_network_seeds: int = 3
    twocnn_iterations: int | None = None
    models: Mapping[str, str] = field(default_factory=lambda: PAPER_MODELS)
    settings: Mapping[str, Any] = field(default_factory=dict)
    longest: int | None = None
    patch_settings: Mapping[str, Any] = field(default_factory=dict)
    refiner: str = "resnet50"
    classified: int | None = None
    num_embedded: int = 1000
    memory_steps: int = 20
    weights: str = "imagenet"

    def recipe(self, method: str) -> Recipe:
        """Return the recipe of one of `RECIPES`, its schedule cut where this size says so."""
        found = get_recipe(RECIPES[method])
        if self.twocnn_iterations is None or found.classifier != "twocnn":
            return found
        name = found.name.replace("-40k", f"-{self.twocnn_iterations}")
        return replace(found, name=name, classifier_params={"iterations": self.twocnn_iterations})

    def stride(self, cube_shape: tuple[int, ...]) -> int:
        """Return which pixels of a cube (h, w, ...) patch classifiers label: one in so many, down and across."""
        return 1 if self.classified is None else max(1, -(-max(cube_shape[:2]) // self.classified))

    def image_scale(self, image_size: tuple[int, int]) -> float:
        """Return by which factor networks see images of (H, W) smaller than they are."""
        return 1.0 if self.longest is None else min(1.0, self.longest / max(image_size))


FULL = Size("full")
# Chosen so that everything for one data set takes some twenty minutes on two cores. The rate is high because there are
# few steps from random weights.
QUICK = Size(
    name="quick",
    num_train=6,
    num_test=3,
    num_seeds=3,
    num_network_seeds=1,
    twocnn_iterations=200,
    models={
        "fcn": "smp:unet:resnet18",
        "deeplab": "smp:deeplabv3plus:resnet18",
        "hrnet": "hrnet_w18",
        "pspnet": "smp:pspnet:resnet18",
    },
    settings={
        "steps": 30,
        "batch_size": 2,
        "crop": (128, 128),
        "scale": (0.75, 1.5),
        "photometric": False,
        "lr": 0.1,
        "workers": 0,
        "checkpoint_every": 1000,
    },
    longest=256,
    patch_settings={"iterations": 40, "batch_size": 16},
    refiner="resnet18",
    classified=32,
    num_embedded=500,
    memory_steps=3,
    weights="none",
)
