"""Rows of a manifest from what lies on a disk: a data set, a copy in the manner of mmseg, a folder of masks."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from hyperpoint.catalog.annotated import MaskFile, check_classes, classes_of, cube_of, find_masks, photo_of
from hyperpoint.catalog.dataset import Dataset
from hyperpoint.catalog.layouts import SceneFiles
from hyperpoint.errors import InputError, MissingFileError
from hyperpoint.io.files import StrPath, fingerprint
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.io.masks import MASK_SUFFIXES
from hyperpoint.types import ClassTable

logger = logging.getLogger(__name__)

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
# Names of the folders of images and masks: those of mmseg's documentation, and those of ADE20K.
_MMSEG_FOLDERS = (("img_dir", "ann_dir"), ("images", "annotations"))
_SPLIT_NAMES = {"validation": "val", "training": "train"}
_NUM_NAMED = 3


def dataset_rows(dataset: Dataset, root: StrPath, *, complete: bool = True) -> list[ManifestRow]:
    """Return the rows of the copy of a data set at `root`, all splits that are there; `validation` becomes `val`.

    Where scenes of different splits bear the same number, the split becomes part of their ids. With `complete=False` a
    scene may lack files; these are named as expected.

    Raises
    ------
    MissingFileError
        If no split is there.
    InputError
        If a scene lacks one of its files, and must not, or a photo is in two splits.
    """
    found: list[SceneFiles] = []
    absent: list[MissingFileError] = []
    for split in dataset.splits:
        try:
            found += dataset.scenes(root, split, complete=complete)
        except MissingFileError as error:
            absent.append(error)
    if not found:
        raise absent[0]
    for reason in absent:
        logger.warning("%s", reason)
    ids = _unique_ids(found)
    return [
        ManifestRow(id_, split_name(files.split), files.rgb, files.label, files.cube, rotate=dataset.rotate)
        for id_, files in zip(ids, found, strict=True)
    ]


def _unique_ids(scenes: list[SceneFiles]) -> list[str]:
    first: dict[str, SceneFiles] = {}
    is_unique = True
    for scene in scenes:
        other = first.setdefault(scene.id, scene)
        if other is scene:
            continue
        is_unique = False
        if other.rgb.is_file() and scene.rgb.is_file() and fingerprint(other.rgb) == fingerprint(scene.rgb):
            raise InputError(
                f"{other.rgb} and {scene.rgb} are the same photo in two splits, {other.split!r} and {scene.split!r}: "
                f"what is scored must not have been trained on; remove one of them"
            )
    return [scene.id if is_unique else f"{split_name(scene.split)}-{scene.id}" for scene in scenes]


def mmseg_rows(root: StrPath) -> list[ManifestRow]:
    """Return the rows of `{img_dir,ann_dir}/{train,val,...}` (or `images` and `annotations`), paired by name.

    Folders below a split are searched too; they are part of the id, slashes becoming dashes.

    Raises
    ------
    MissingFileError
        If there are no such folders, or no images in them.
    InputError
        If an image of a split that has masks lacks its mask, or a mask its image.
    """
    base = Path(root)
    for image_name, mask_name in _MMSEG_FOLDERS:
        images, masks = base / image_name, base / mask_name
        if images.is_dir() and masks.is_dir():
            splits = sorted(one.name for one in images.iterdir() if one.is_dir() and one.name[0] != ".")
            rows = [row for split in splits for row in _mmseg_split(images / split, masks / split)]
            if rows:
                return rows
    pairs = " or ".join(f"{images}/train and {masks}/train" for images, masks in _MMSEG_FOLDERS)
    raise MissingFileError(f"no images in {base}: looked for the folders {pairs}; give the folder that they lie in")


def _mmseg_split(images: Path, masks: Path) -> list[ManifestRow]:
    photos, labels = _files_by_name(images, IMAGE_SUFFIXES), _files_by_name(masks, MASK_SUFFIXES)
    _require(photos.keys() - labels.keys(), "images", "mask", masks)
    _require(labels.keys() - photos.keys(), "masks", "image", images)
    return [
        ManifestRow(name.replace("/", "-"), split_name(images.name), photos[name], labels[name])
        for name in sorted(photos)
    ]


def _require(missing: Iterable[str], what: str, lacking: str, folder: Path) -> None:
    names = sorted(missing)
    if names:
        shown = ", ".join(names[:_NUM_NAMED]) + (", ..." if len(names) > _NUM_NAMED else "")
        raise InputError(f"{len(names)} {what} have no {lacking} of the same name in {folder}: {shown}")


def _files_by_name(folder: Path, suffixes: Sequence[str]) -> dict[str, Path]:
    """Return the files below a folder by their path without suffix; those that differ in it only are refused."""
    files: dict[str, Path] = {}
    for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if file.suffix.lower() not in suffixes or file.name[0] == "." or not file.is_file():
            continue
        name = file.relative_to(folder).with_suffix("").as_posix()
        if name in files:
            raise InputError(f"{files[name]} and {file} differ in their suffix only; keep one of them")
        files[name] = file
    return files


def mask_rows(folder: StrPath, images: StrPath | None = None) -> tuple[list[ManifestRow], ClassTable | None]:
    """Return the rows of a folder of masks, all of the split `train`, and the class table that they were made with.

    Parameters
    ----------
    folder
        Masks, such as those that `hyperpoint annotate` made; a confidence beside a mask is taken along.
    images
        Folder of the images, each bearing the name of its mask. None: the photos that the provenance of the masks
        names.

    Raises
    ------
    MissingFileError, InputError, ClassTableError
        If a folder is not there, a mask has no image, or masks were made with different tables.
    """
    masks = find_masks(folder)
    if images is None:
        rows = [_annotation_row(mask, photo_of(mask)) for mask in masks]
    else:
        photos = _images_in(images)
        _require([mask.id for mask in masks if mask.id not in photos], "masks", "image", Path(images))
        rows = [_annotation_row(mask, photos[mask.id]) for mask in masks]
    return rows, classes_of(masks)


def _images_in(folder: StrPath) -> dict[str, Path]:
    base = Path(folder)
    if not base.is_dir():
        raise MissingFileError(f"there is no folder {base}; give the one that the images lie in")
    return {name: path for name, path in _files_by_name(base, IMAGE_SUFFIXES).items() if "/" not in name}


def _annotation_row(mask: MaskFile, image: Path) -> ManifestRow:
    cube, rotate = cube_of(mask) or (None, 0)
    return ManifestRow(mask.id, "train", image, mask.path, cube, mask.confidence, rotate)


def with_train_masks(
    rows: Sequence[ManifestRow], folder: StrPath, classes: ClassTable | None, passed_over: Collection[str] = ()
) -> list[ManifestRow]:
    """Replace the labels of the training images by the masks in a folder; validation and test keep theirs.

    Training images without a mask there are left out, and a warning counts them.

    Parameters
    ----------
    folder
        Masks that bear the ids of the rows, such as `hyperpoint annotate` made of the training scenes.
    classes
        What the ids mean, as far as that is known: a mask that says otherwise is refused.
    passed_over
        Ids of images that were taken out of training, for validation: they keep their labels, and may have a mask.

    Raises
    ------
    MissingFileError, InputError, ClassTableError
        If there are no masks, one belongs to no training image, or one was made with another class table.
    """
    masks = {mask.id: mask for mask in find_masks(folder)}
    if classes is not None:
        check_classes(list(masks.values()), classes)
    wanted = [row.id for row in rows if row.split == "train"]
    strange = sorted(masks.keys() - set(wanted) - set(passed_over))
    if strange:
        shown = ", ".join(strange[:_NUM_NAMED]) + (", ..." if len(strange) > _NUM_NAMED else "")
        raise InputError(f"{len(strange)} masks in {folder} bear the id of no training image: {shown}")
    left_out = len(set(wanted) - masks.keys())
    if left_out:
        logger.warning("%d of %d training images have no mask in %s and are left out", left_out, len(wanted), folder)
    return [
        replace(row, label=masks[row.id].path, confidence=masks[row.id].confidence) if row.split == "train" else row
        for row in rows
        if row.split != "train" or row.id in masks
    ]


def split_name(name: str) -> str:
    """Return what a manifest calls the split that a folder is named after: "val" for "validation"."""
    return _SPLIT_NAMES.get(name, name)
