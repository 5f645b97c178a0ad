"""What is asked of one scene, and what came of it: plain data that travels between processes and machines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hyperpoint.annotation.recipe import Recipe
from hyperpoint.catalog.sampling import NUM_REGIONS, PER_REGION, RATIO
from hyperpoint.types import ClassTable

State = Literal["annotated", "kept", "failed", "not done"]


@dataclass(frozen=True)
class Draw:
    """How points are drawn from the truth of a scene: so many of each class, or in regions as the paper does it.

    `per_class` None means regions; the others are as in `hyperpoint.catalog.sampling.sample_regions`.
    """

    per_class: int | None = None
    num_regions: int = NUM_REGIONS
    per_region: int = PER_REGION
    ratio: tuple[float, float] = RATIO


@dataclass(frozen=True)
class Task:
    """What is asked of every scene of a set.

    Attributes
    ----------
    recipe
        How to annotate.
    classes
        What the labels mean.
    out
        Folder of the masks, absolute.
    seed
        Seeds points and recipe.
    draw
        How points are drawn; None where they are read from files.
    align
        Whether the shift between cube and photo is to be found.
    confidence
        Whether the confidence is to be written beside the mask.
    has_colors
        Whether the truth is in the colours of the classes, not in ids.
    unscored
        Ids of the classes whose pixels are not scored.
    white
        Name of the data set and id of its class that is the white reference, in scenes that show it; or None.
    class_source
        Where the class table comes from, for the provenance: a data set's name, or a file.
    version
        Of the hyperpoint that asks: another one may give other results.
    """

    recipe: Recipe
    classes: ClassTable
    out: Path
    seed: int
    version: str
    class_source: str
    draw: Draw | None = None
    align: bool = False
    confidence: bool = False
    has_colors: bool = False
    unscored: tuple[int, ...] = ()
    white: tuple[str, int] | None = None


@dataclass(frozen=True)
class SceneJob:
    """One scene: its files (absolute paths), and what is asked of it.

    `label` is the truth, None where there is none; `points` the file to read them from, None where they are drawn;
    `cube` is None where a manifest names none, which is an error of that scene.
    """

    id: str
    split: str
    cube: Path | None
    rgb: Path
    label: Path | None
    points: Path | None
    rotate: int
    task: Task

    @property
    def mask(self) -> Path:
        """The mask to write; its provenance and confidence lie beside it."""
        return self.task.out / f"{self.id}.png"

    @property
    def drawn_points(self) -> Path:
        """The file beside the mask that drawn points are kept in."""
        return self.task.out / f"{self.id}.csv"


@dataclass(frozen=True)
class SceneResult:
    """What an annotated scene has to tell, JSON-serialisable; kept on disk for the report of later runs.

    Attributes
    ----------
    signature
        What it was made from: see `hyperpoint.batch.signature`.
    files
        Fingerprints of the files written, by their path from the output folder.
    coverage
        Share of the image's pixels that bear a label, 0..1.
    num_points
        How many points were annotated.
    truth
        Fingerprint of the label image that it was scored against; None if it was not scored.
    counts
        Pixels by true and predicted class, as [true, predicted, pixels]; predicted is the number of classes where
        nothing, or no class, was predicted. Empty if it was not scored.
    notes
        What the log warned of.
    seconds
        How long it took.
    """

    signature: dict[str, Any]
    files: dict[str, str]
    coverage: float
    num_points: int
    truth: str | None
    counts: list[list[int]]
    notes: list[str]
    seconds: float


@dataclass(frozen=True)
class SceneRow:
    """A line of the report.

    Attributes
    ----------
    id, split
        Which scene.
    state
        "annotated" in this run, "kept" from an earlier one, "failed", or "not done" because the run was interrupted.
    result
        None if there is none.
    error
        Why it failed, in a line.
    traceback
        Where the error arose, if it was not foreseen.
    peak_bytes
        The most memory its process ever held; None where that cannot be known.
    """

    id: str
    split: str
    state: State
    result: SceneResult | None = None
    error: str | None = None
    traceback: str | None = None
    peak_bytes: int | None = None
