"""`hyperpoint manifest`: which images bear which masks, and what each is for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hyperpoint.cli.common import classes_from, classes_option, is_quiet
from hyperpoint.cli.progress import progress_bar

if TYPE_CHECKING:
    from hyperpoint.catalog.manifests import BuiltManifest
    from hyperpoint.io.manifest import ManifestRow
    from hyperpoint.types import ClassTable


@click.command("manifest")
@click.option("--dataset", metavar="NAME", help="The data set that lies in --root: lib-hsi, hsicity2, or a .toml file.")
@click.option("--root", type=click.Path(), metavar="FOLDER", help="The folder that the splits of --dataset lie in.")
@click.option(
    "--mmseg",
    type=click.Path(),
    metavar="FOLDER",
    help="The folder that img_dir/{train,val} and ann_dir/{train,val} lie in, or images/ and annotations/.",
)
@click.option(
    "--masks",
    type=click.Path(),
    metavar="FOLDER",
    help="Masks, such as those that `hyperpoint annotate` made; all are for training, see --val.",
)
@click.option(
    "--images",
    type=click.Path(),
    metavar="FOLDER",
    help="Images bearing the names of --masks.  [default: the --rgb that each mask was annotated on]",
)
@click.option(
    "--train-masks",
    type=click.Path(),
    metavar="FOLDER",
    help="Train on these masks, named <id>.png; validation and test keep the labels of the data set.",
)
@classes_option("What the ids or colours of the masks mean (not for --dataset, which has its own)")
@click.option(
    "--val",
    "fraction",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar="FRACTION",
    help="Take this part of the training images for validation, at random.",
)
@click.option(
    "--split-by",
    metavar="REGEX",
    help="With --val, keep together images whose ids share what this finds in them, such as '^[^_]+'.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Decides what --val takes.")
@click.option(
    "--out",
    required=True,
    type=click.Path(),
    metavar="OUT.csv",
    help="Manifest to write; classes.json comes beside it.",
)
def command(
    dataset: str | None, root: str | None, mmseg: str | None, masks: str | None, images: str | None,
    train_masks: str | None, classes: str | None, fraction: float | None, split_by: str | None, seed: int, out: str,
) -> None:  # fmt: skip
    """List images, their masks and splits, for training a network: OUT.csv with classes.json beside it.

    The images come from one of --dataset with --root, --mmseg, or --masks. Every image and mask is decoded, and the
    manifest refused if one is damaged, a mask is not as large as its image or holds an id out of the class table
    (255 is unlabelled), or an id or image is in two splits. Masks in colours are written as ids into OUT's folder
    `masks`; other files are not copied.

    \b
    Examples:
      hyperpoint manifest --dataset lib-hsi --root LIB-HSI --out lib/manifest.csv
      hyperpoint manifest --dataset hsicity2 --root HSICityV2 --val 0.1 --seed 1 --out city/manifest.csv
      hyperpoint manifest --mmseg data/mine --classes classes.json --out mine/manifest.csv
    From points to a network, scored on the real labels:
      hyperpoint annotate ... --classes lib-hsi --out ours/0001.png     (once for each training scene)
      hyperpoint manifest --dataset lib-hsi --root LIB-HSI --train-masks ours --out ours/manifest.csv
    Annotations alone; pictures of scenes that have no --rgb of their own lie in photos, as 12.png for 12.png:
      hyperpoint manifest --masks annotations --val 0.2 --out manifest.csv
      hyperpoint manifest --masks annotations --images photos --val 0.2 --out manifest.csv

    \b
    The columns of the manifest are id, split, image, label, and where there are such files
    cube (with rotate: degrees counter-clockwise) and confidence. Paths count from its folder.
    """
    _check_options(dataset, root, mmseg, masks, images, train_masks, classes, fraction, split_by, out)
    from hyperpoint.catalog.manifests import build_manifest
    from hyperpoint.catalog.sources import with_train_masks
    from hyperpoint.catalog.splitting import take_validation

    rows, table = _rows(dataset, root, mmseg, masks, images)
    table = classes_from(classes) or table
    before = {row.id for row in rows if row.split == "train"}
    if fraction is not None:
        rows = take_validation(rows, fraction, seed, split_by)
    if train_masks is not None:
        taken = {row.id for row in rows if row.id in before and row.split != "train"}
        rows = with_train_masks(rows, train_masks, table, passed_over=taken)
    with progress_bar("checking") as progress:
        built = build_manifest(out, rows, table, progress)
    if not is_quiet():
        click.echo(_summary(built, out))


def _check_options(
    dataset: str | None, root: str | None, mmseg: str | None, masks: str | None, images: str | None,
    train_masks: str | None, classes: str | None, fraction: float | None, split_by: str | None, out: str,
) -> None:  # fmt: skip
    if sum(source is not None for source in (dataset, mmseg, masks)) != 1:
        raise click.UsageError("say where the images come from: one of --dataset (with --root), --mmseg, --masks")
    for option, needs, is_wrong in (
        ("--dataset", "--root FOLDER, where its copy lies", dataset is not None and root is None),
        ("--root", "--dataset NAME, which says what lies there", root is not None and dataset is None),
        ("--images", "--masks FOLDER, whose images they are", images is not None and masks is None),
        ("--train-masks", "--dataset or --mmseg, whose training images they label", None not in (train_masks, masks)),
        ("--split-by", "--val FRACTION", split_by is not None and fraction is None),
    ):
        if is_wrong:
            raise click.UsageError(f"{option} needs {needs}")
    if dataset is not None and classes is not None:
        raise click.UsageError("--dataset has its own class table; leave out --classes")
    if not out.lower().endswith(".csv"):
        raise click.UsageError(f"--out must end in .csv; got {out}")


def _rows(
    dataset: str | None, root: str | None, mmseg: str | None, masks: str | None, images: str | None
) -> tuple[list[ManifestRow], ClassTable | None]:
    from hyperpoint.catalog.dataset import load_dataset
    from hyperpoint.catalog.sources import dataset_rows, mask_rows, mmseg_rows

    if dataset is not None and root is not None:
        described = load_dataset(dataset)
        return dataset_rows(described, root), described.classes
    if mmseg is not None:
        return mmseg_rows(mmseg), None
    assert masks is not None
    return mask_rows(masks, images)


def _summary(built: BuiltManifest, out: str) -> str:
    manifest = built.manifest
    counts = {split: len(manifest.of_split(split)) for split in manifest.splits}
    pixels = built.pixels.sum(axis=0)
    lines = [
        f"{number:>5} {name:<28}{count:>12,} pixels {100 * count / max(1, pixels.sum()):6.2f} %"
        for number, (name, count) in enumerate(zip(manifest.classes.names, pixels.tolist(), strict=True))
    ]
    if built.mask_folder is not None:
        lines.append(f"masks in colours were written as ids into {Path(built.mask_folder)}")
    lines.append(f"wrote {out}: {', '.join(f'{count} {split}' for split, count in counts.items())} images")
    return "\n".join(lines)
