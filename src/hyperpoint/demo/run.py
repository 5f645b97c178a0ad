"""Run the demonstration: what `make demo` does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from hyperpoint.annotation.annotate import annotate
from hyperpoint.catalog.dataset import Dataset, load_dataset
from hyperpoint.catalog.layouts import SceneFiles
from hyperpoint.catalog.sampling import sample_regions
from hyperpoint.catalog.truth import white_mask
from hyperpoint.demo.expected import without_expected_warnings
from hyperpoint.io.masks import write_mask
from hyperpoint.io.points import write_points
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.opening import open_scene
from hyperpoint.synth import synthesise
from hyperpoint.types import Annotation, ClassTable, PointSet, Scene, Truth, UInt8Array

RECIPES = ("best", "paper-svm", "paper-twocnn", "paper-svm-rgb", "paper-twocnn-rgb")
# Those of RECIPES that are left out where PyTorch is not installed.
DEEP_RECIPES = ("paper-twocnn", "paper-twocnn-rgb")
# Three facades and three streets, large enough for superpixels of 50 pixels to find their way.
LAYOUTS: dict[str, tuple[int, int]] = {"lib-hsi": (384, 384), "hsicity2": (384, 512)}
SCENES_PER_LAYOUT = 3

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, eq=False)
class DemoScene:
    """One scene of the demonstration and what was made of it; `annotations` by recipe."""

    name: str
    classes: ClassTable
    rgb: UInt8Array
    truth: Truth
    points: PointSet
    annotations: dict[str, Annotation]


@dataclass(eq=False)
class RecipeScore:
    """How one recipe did on the scenes of one layout."""

    matrix: ConfusionMatrix
    seconds: float = 0.0


@dataclass(eq=False)
class DemoResult:
    """What the demonstration found: scenes, scores by (layout, recipe), and recipes `skipped` for want of PyTorch."""

    scenes: list[DemoScene] = field(default_factory=list)
    scores: dict[tuple[str, str], RecipeScore] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()


def run_demo(out: Path, seed: int = 0, progress: Progress = lambda done, total, what: None) -> DemoResult:
    """Synthesise scenes under `out`, draw points, annotate with each recipe, and score.

    Points are drawn as in the paper (section 4.2), the same for every recipe. Masks and points are written beside the
    scenes.

    Parameters
    ----------
    out
        Folder for scenes, points and masks; made if needed.
    seed
        Of scenes, points and classifiers.
    progress
        Told (steps done, steps in all, what comes next).
    """
    result = DemoResult(skipped=() if find_spec("torch") else tuple(one for one in RECIPES if one in DEEP_RECIPES))
    recipes = [one for one in RECIPES if one not in result.skipped]
    num_steps = len(LAYOUTS) * SCENES_PER_LAYOUT * (1 + len(recipes))
    done = 0

    def step(what: str) -> None:
        nonlocal done
        progress(done, num_steps, what)
        done += 1

    for layout, size in LAYOUTS.items():
        root = out / "scenes" / layout
        synthesise(
            root, layout, SCENES_PER_LAYOUT, size, seed, lambda _done, _total, what: step(f"synthesising {what}")
        )
        dataset = load_dataset(layout)
        with without_expected_warnings():
            for files in _scenes(dataset, root):
                result.scenes.append(_annotate_scene(out, dataset, files, recipes, seed, result, step))
    progress(num_steps, num_steps, "done")
    return result


def _scenes(dataset: Dataset, root: Path) -> Iterator[SceneFiles]:
    for split in dataset.splits:
        yield from dataset.scenes(root, split)


def _annotate_scene(
    out: Path, dataset: Dataset, files: SceneFiles, recipes: Sequence[str], seed: int, result: DemoResult,
    step: Callable[[str], None],
) -> DemoScene:  # fmt: skip
    name = f"{dataset.name}-{files.id}"
    truth = dataset.truth(files)
    points = sample_regions(truth, seed=seed)
    for folder in ("points", *(f"masks/{recipe}" for recipe in recipes)):
        (out / folder).mkdir(parents=True, exist_ok=True)
    write_points(out / "points" / f"{name}.csv", points, dataset.classes)
    scene = _open(dataset, files, truth)
    annotations = {}
    for recipe in recipes:
        step(f"{name}: {recipe}")
        start = time.perf_counter()
        annotations[recipe] = annotate(scene, points, recipe, seed)
        score = result.scores.setdefault(
            (dataset.name, recipe), RecipeScore(ConfusionMatrix(len(dataset.classes), dataset.unscored))
        )
        score.seconds += time.perf_counter() - start
        score.matrix.update(annotations[recipe].labels, truth.labels)
        write_mask(out / "masks" / recipe / f"{name}.png", annotations[recipe].labels, dataset.classes)
    assert scene.rgb is not None
    return DemoScene(name, dataset.classes, scene.rgb, truth, points, annotations)


def _open(dataset: Dataset, files: SceneFiles, truth: Truth) -> Scene:
    """Open a scene with its white-reference class, if it has one: only the panel's mask is passed on."""
    has_panel = dataset.white_reference is not None and (truth.labels == dataset.white_reference).any()
    white = white_mask(truth, dataset.white_reference) if has_panel and dataset.white_reference is not None else None
    return open_scene(files.cube, files.rgb, rotate=dataset.rotate, white=white)
