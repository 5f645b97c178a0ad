"""Which files of a copy on disk belong to one scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hyperpoint.errors import InputError, MissingFileError
from hyperpoint.io.files import StrPath

# What macOS leaves beside every file on foreign disks: the LIB-HSI archive has them.
STRAY_PREFIX = "._"
NUM_NAMED = 3


@dataclass(frozen=True)
class SceneFiles:
    """The files of one scene: cube (what `open_scene` takes), photo and labels."""

    id: str
    split: str
    cube: Path
    rgb: Path
    label: Path


@dataclass(frozen=True)
class Layout:
    """Where files lie below the root.

    Attributes
    ----------
    cubes
        Patterns with `{split}` and `{id}`, one for each format that cubes come in; of a cube that is there in several,
        the first format counts.
    rgb, label
        Pattern of the photo and of the label image.
    """

    cubes: tuple[str, ...]
    rgb: str
    label: str

    def path(self, pattern: str, root: Path, split: str, scene_id: str) -> Path:
        """Return the path that `pattern` means for a scene."""
        return root / pattern.replace("{split}", split).replace("{id}", scene_id)

    def scenes(self, root: Path, split: str, *, complete: bool = True) -> list[SceneFiles]:
        """List the scenes of a split, sorted by id; empty if there is no cube, photo or label image in this layout.

        Parameters
        ----------
        root
            Folder of the splits.
        split
            Name of the split.
        complete
            Whether every scene must have all of its files. If not, those that are missing are named as expected.

        Raises
        ------
        InputError
            If a scene lacks one of its files, and must not.
        """
        cubes: dict[str, Path] = {}
        for pattern in self.cubes:
            for scene_id in self._ids(pattern, root, split):
                cubes.setdefault(scene_id, self.path(pattern, root, split, scene_id))
        labels = self._ids(self.label, root, split)
        # With `{id}.png` and `{id}_labels.png` in one folder, a label image looks like a photo too.
        label_paths = {self.path(self.label, root, split, one) for one in labels}
        photos = {
            one for one in self._ids(self.rgb, root, split) if self.path(self.rgb, root, split, one) not in label_paths
        }
        everything = cubes.keys() | photos | labels
        for there, what, pattern in (
            (cubes.keys(), "cube", self.cubes[0]),
            (photos, "photo", self.rgb),
            (labels, "label image", self.label),
        ):
            if complete:
                _require(everything - there, what, self.path(pattern, root, split, "<id>"))
        return [
            SceneFiles(
                scene_id,
                split,
                cubes.get(scene_id, self.path(self.cubes[0], root, split, scene_id)),
                self.path(self.rgb, root, split, scene_id),
                self.path(self.label, root, split, scene_id),
            )
            for scene_id in sorted(everything)
        ]

    def _ids(self, pattern: str, root: Path, split: str) -> set[str]:
        folder = self.path(pattern, root, split, "x").parent
        before, after = pattern.rpartition("/")[2].split("{id}")
        if not folder.is_dir():
            return set()
        names = (entry.name for entry in folder.iterdir() if not entry.name.startswith(STRAY_PREFIX))
        return {
            name[len(before) : len(name) - len(after)]
            for name in names
            if len(name) > len(before) + len(after) and name.startswith(before) and name.endswith(after)
        }


def find_scenes(layouts: Sequence[Layout], root: StrPath, split: str, *, complete: bool = True) -> list[SceneFiles]:
    """List the scenes of a split in the first of `layouts` that `root` is in, sorted by id; `complete` as there.

    Raises
    ------
    MissingFileError
        If `root` does not exist, or has the split in none of the layouts.
    InputError
        As `Layout.scenes`.
    """
    base = Path(root)
    if not base.is_dir():
        raise MissingFileError(f"there is no folder {base}; give the one that the splits lie in")
    for layout in layouts:
        scenes = layout.scenes(base, split, complete=complete)
        if scenes:
            return scenes
    looked_for = " or ".join(str(one.path(one.cubes[0], base, split, "<id>")) for one in layouts)
    raise MissingFileError(
        f"no scene of the split {split!r} in {base}: looked for {looked_for}; give the folder that the splits lie in"
    )


def _require(missing: set[str], what: str, where: Path) -> None:
    if missing:
        named = ", ".join(sorted(missing)[:NUM_NAMED]) + (", ..." if len(missing) > NUM_NAMED else "")
        raise InputError(
            f"{len(missing)} scenes lack their {what} ({named}), expected as {where}; complete the copy, or remove "
            f"what is left of them"
        )
