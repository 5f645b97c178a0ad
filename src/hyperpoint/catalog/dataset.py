"""A data set: its classes, and where its scenes lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from hyperpoint.catalog.description import read_description
from hyperpoint.catalog.layouts import Layout, SceneFiles, find_scenes
from hyperpoint.catalog.truth import read_truth
from hyperpoint.errors import ClassTableError, InputError
from hyperpoint.io.files import StrPath, read_text
from hyperpoint.types import ClassTable, Truth


@dataclass(frozen=True)
class Dataset:
    """A data set as its TOML file describes it.

    Attributes
    ----------
    name
        Short name, for the command line.
    title, source, terms, notes
        For people.
    splits
        Names of the splits, as the folders are called.
    rotate
        Degrees counter-clockwise (as numpy.rot90) by which a cube must be turned to match photo and labels.
    labels
        "ids" (grey or palette) or "colors" (RGB in the exact colours of the classes).
    layouts
        The folder layouts in use, most usual first.
    classes
        Names and colours; the id is the position.
    groups
        One number a class: the coarser category it belongs to.
    unscored
        Ids of the classes that are left out when scoring.
    white_reference
        Id of the class that is the white reference, or None.
    num_scenes
        How many scenes the published data set has, by split, where that is known.
    """

    name: str
    title: str
    source: str
    terms: str
    notes: tuple[str, ...]
    splits: tuple[str, ...]
    rotate: int
    labels: str
    layouts: tuple[Layout, ...]
    classes: ClassTable
    groups: tuple[int, ...]
    unscored: tuple[int, ...]
    white_reference: int | None
    num_scenes: Mapping[str, int] = field(default_factory=dict, hash=False)

    def scenes(self, root: StrPath, split: str, *, complete: bool = True) -> list[SceneFiles]:
        """List the scenes of a split of the copy at `root`, sorted by id; stray `._*` files are skipped.

        With `complete=False` a scene may lack files; these are named as expected.

        Raises
        ------
        InputError
            If there is no such split, or a scene lacks one of its files, and must not.
        MissingFileError
            If `root` does not exist, or holds the split in none of the layouts.
        """
        if split not in self.splits:
            raise InputError(f"{self.name} has no split {split!r}; it has {', '.join(self.splits)}")
        return find_scenes(self.layouts, root, split, complete=complete)

    def truth(self, files: SceneFiles) -> Truth:
        """Read the labels of a scene, colours being those of the data set.

        Raises
        ------
        MissingFileError, InputError, ClassTableError
            As `read_truth`.
        """
        return read_truth(files.label, self.classes if self.labels == "colors" else None)


def dataset_names() -> list[str]:
    """Return the names of the data sets that come with hyperpoint, sorted."""
    return sorted(entry.name.removesuffix(".toml") for entry in _shipped().iterdir() if entry.name.endswith(".toml"))


def load_dataset(name: StrPath) -> Dataset:
    """Return a data set that comes with hyperpoint, by name, or one of your own, by the path of its TOML file.

    Raises
    ------
    InputError
        If there is no data set of that name, or the TOML file is malformed.
    MissingFileError
        If `name` ends in `.toml` and there is no such file.
    """
    text = str(name)
    if text.endswith(".toml"):
        return _dataset(Path(text).stem, read_text(text, "data set", InputError), where=text)
    if text not in dataset_names():
        raise InputError(
            f"unknown data set {text!r}; known are {', '.join(dataset_names())}, or give the path of a .toml file"
        )
    entry = _shipped() / f"{text}.toml"
    return _dataset(text, entry.read_text(encoding="utf-8"), where=entry.name)


def _shipped() -> Traversable:
    return resources.files("hyperpoint.catalog") / "datasets"


def _dataset(name: str, text: str, where: str) -> Dataset:
    table = read_description(text, where)
    entries = table["classes"]
    try:
        classes = ClassTable(
            tuple(entry["name"] for entry in entries),
            tuple((entry["color"][0], entry["color"][1], entry["color"][2]) for entry in entries),
        )
        white = table.get("white_reference")
        white_reference = None if white is None else classes.id_of(white)
    except ClassTableError as error:
        raise InputError(f"{where}: {error}") from None
    return Dataset(
        name=name,
        title=table.get("title", name),
        source=table.get("source", ""),
        terms=table.get("terms", ""),
        notes=tuple(table.get("notes", ())),
        splits=tuple(table["splits"]),
        rotate=table.get("rotate", 0),
        labels=table["labels"],
        layouts=tuple(Layout(tuple(one["cubes"]), one["rgb"], one["label"]) for one in table["layouts"]),
        classes=classes,
        groups=tuple(entry.get("group", 0) for entry in entries),
        unscored=tuple(number for number, entry in enumerate(entries) if not entry.get("scored", True)),
        white_reference=white_reference,
        num_scenes=table.get("num_scenes", {}),
    )
