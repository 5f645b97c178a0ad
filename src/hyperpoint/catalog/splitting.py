"""Take a validation split out of the training images."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hyperpoint.errors import InputError
from hyperpoint.io.manifest import ManifestRow


def take_validation(
    rows: Sequence[ManifestRow], fraction: float, seed: int = 0, split_by: str | None = None
) -> list[ManifestRow]:
    """Move a random part of the split `train` to `val`; the order of the rows stays.

    Parameters
    ----------
    fraction
        Part of the training images, above 0 and below 1; rounded, but at least one image, or group of images, and
        never all.
    seed
        Decides which, together with the ids: the order of the rows and where they lie have no part in it.
    split_by
        A regular expression that finds in each id the part (its first group, or the whole match) that images of one
        place or flight share; these then stay together. Groups are taken until the fraction is reached.

    Raises
    ------
    InputError
        If there is a split `val` already, there are fewer than two images or groups to divide, `fraction` is out of
        range, or `split_by` is malformed or finds nothing in an id.
    """
    if not 0 < fraction < 1:
        raise InputError(f"the part to be taken for validation must lie between 0 and 1; got {fraction}")
    if any(row.split == "val" for row in rows):
        raise InputError("there are validation images already; leave out --val")
    train = sorted(row.id for row in rows if row.split == "train")
    groups: dict[str, list[str]] = {}
    for one in train:
        groups.setdefault(_group(one, split_by), []).append(one)
    if len(groups) < 2:
        what = "image" if split_by is None else f"group of images by {split_by!r}"
        raise InputError(f"there is but {len(groups)} {what} in the split 'train', which cannot be divided")
    wanted = max(1, round(fraction * len(train)))
    taken: set[str] = set()
    names = list(groups)
    for number in np.random.default_rng(seed).permutation(len(names))[:-1].tolist():
        if len(taken) >= wanted:
            break
        taken.update(groups[names[number]])
    return [replace(row, split="val") if row.split == "train" and row.id in taken else row for row in rows]


def _group(image_id: str, pattern: str | None) -> str:
    if pattern is None:
        return image_id
    try:
        found = re.search(pattern, image_id)
    except re.error as error:
        raise InputError(f"{pattern!r} is no regular expression: {error}") from None
    if found is None:
        raise InputError(f"{pattern!r} finds nothing in the id {image_id!r}; it must find the part that groups the ids")
    return found.group(1) if found.re.groups and found.group(1) is not None else found.group(0)
