"""What each ingredient of the recipe `best` is worth: every one taken out in turn, and alternatives in its place.

    python -m benchmarks.ablation --out ablation.csv [--sets street jasper berlin] [--seeds 2] [--variants ...]

from the repository's root. Rows that the CSV file has are not run again: begin a new file when the recipe changes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

import numpy as np

from benchmarks.measuring import Table, markdown, measure
from benchmarks.peers.contract import Peer
from benchmarks.peers.recipes import recipe
from benchmarks.scenes_on_disk import add_arguments
from hyperpoint.annotation.mixture import grid, leave_one_out, posterior, scoring, selection, upsampling
from hyperpoint.annotation.mixture.candidates import Candidate, Kind, all_candidates
from hyperpoint.annotation.mixture.features import Features
from hyperpoint.cube import FloatArray, IndexArray
from hyperpoint.types import LabelArray, UInt8Array

FULL = "full"


@dataclass(frozen=True)
class Patch:
    """Another value for a name of one of the mixture's modules, while a variant runs."""

    module: Any
    name: str
    value: Any


@dataclass(frozen=True)
class Variant:
    """The recipe with a part exchanged."""

    title: str
    patches: tuple[Patch, ...] = ()

    def peer(self) -> Peer:
        """Return the variant under the peers' contract."""
        best = recipe("best")

        def label(
            cube: FloatArray, rgb: UInt8Array, rows: IndexArray, cols: IndexArray, labels: LabelArray, seed: int
        ) -> LabelArray:
            with ExitStack() as stack:
                for patch in self.patches:
                    # A name that the recipe no longer has is an error, not a variant without effect.
                    stack.enter_context(mock.patch.object(patch.module, patch.name, patch.value))
                return best(cube, rgb, rows, cols, labels, seed)

        return label


def keeping(wanted: Callable[[Candidate], bool]) -> Patch:
    """Keep only the candidates that are wanted."""
    return _candidates_as(lambda found: [candidate for candidate in found if wanted(candidate)])


def all_of_kind(kind: Kind) -> Patch:
    """Give every candidate the same kind of kernel."""
    return _candidates_as(lambda found: [replace(candidate, kind=kind) for candidate in found])


def _candidates_as(change: Callable[[list[Candidate]], list[Candidate]]) -> Patch:
    def changed(features: Features) -> list[Candidate]:
        found = change(all_candidates(features))
        assert found, "the variant leaves no candidate"
        return found

    return Patch(scoring, "all_candidates", changed)


def without_representations(ending: str) -> Patch:
    """Leave out the representations whose name begins or ends so ("log:", ":sp", or a whole name)."""
    return keeping(lambda c: not any(name.startswith(ending) or name.endswith(ending) for name, _ in c.blocks))


def equal_shares(candidates: Sequence[Candidate], *_: Any) -> Any:
    """Give every candidate the same share, whatever the points say."""
    return np.full(len(candidates), 1 / len(candidates))


def representations() -> list[str]:
    """Return the names of the recipe's representations, found on a scene of noise."""
    from hyperpoint.annotation.mixture.features import compute_features

    rng = np.random.default_rng(0)
    averages = rng.uniform(0.2, 1, (24, 24, 30)).astype(np.float32)
    guide = rng.integers(0, 256, (24, 24, 3)).astype(np.uint8)
    blocks = compute_features(averages, np.ones((24, 24), dtype=bool), guide).blocks
    return sorted({name for name, _ in blocks} - {"rgb"})


def all_variants() -> dict[str, Variant]:
    """Return every variant by name, the full recipe first."""
    variants = {FULL: Variant("**the recipe `best`**")}
    return variants | _of_representations(representations()) | _of_candidates() | _of_selection() | _of_posterior()


def _of_representations(names: list[str]) -> dict[str, Variant]:
    forms, whitenings = zip(*(name.split(":") for name in names), strict=True)
    variants = {f"no-{n}": Variant(f"without the representation {n}", (without_representations(n),)) for n in names}
    for part, ending, title in (
        *((form, form + ":", f"without {form} spectra") for form in sorted(set(forms))),
        *((whitening, ":" + whitening, f"without any {whitening}") for whitening in sorted(set(whitenings))),
    ):
        if sum(name.startswith(ending) or name.endswith(ending) for name in names) > 1:  # of one, it has its own line
            variants[f"no-{part}"] = Variant(title, (without_representations(ending),))
    return variants


def _of_candidates() -> dict[str, Variant]:
    no_colour = keeping(lambda c: not any(name == "rgb" for name, _ in c.blocks))
    return {
        "no-colour": Variant("without colour beside the spectra", (no_colour,)),
        "only-colour": Variant(
            "with colour beside the spectra always", (keeping(lambda c: any(name == "rgb" for name, _ in c.blocks)),)
        ),
        "no-neighbours": Variant("without neighbourhoods (single cells alone)", (keeping(lambda c: not c.is_smooth),)),
        "only-neighbours": Variant("without single cells (neighbourhoods alone)", (keeping(lambda c: c.is_smooth),)),
        "no-linear": Variant("without the linear machines", (Patch(scoring, "fit_linear", lambda *_: None),)),
        "laplace": Variant("Laplace kernels only", (all_of_kind("laplace"),)),
        "gauss": Variant("RBF kernels only", (all_of_kind("gauss"),)),
    }


def _of_selection() -> dict[str, Variant]:
    ridge, sharpness = leave_one_out.RIDGE, selection.SHARPNESS
    return {
        "equal": Variant(
            "equal shares, no selection by left-out points", (Patch(scoring, "candidate_shares", equal_shares),)
        ),
        "single": Variant("the single best candidate, no mixture", (Patch(selection, "MAX_CANDIDATES", 1),)),
        "no-occam": Variant("without Occam's penalty", (Patch(selection, "PENALTY", 0.0),)),
        "occam-double": Variant("Occam's penalty doubled", (Patch(selection, "PENALTY", 2 * selection.PENALTY),)),
        "sharper": Variant("shares twice as sharp", (Patch(selection, "SHARPNESS", 2 * sharpness),)),
        "blunter": Variant("shares half as sharp", (Patch(selection, "SHARPNESS", sharpness / 2),)),
        "one-width": Variant("merged kernels of one width", (Patch(scoring, "MERGED_WIDTHS", (1.0,)),)),
        "ridge-more": Variant("ridge × 3", (Patch(leave_one_out, "RIDGE", 3 * ridge),)),
        "ridge-less": Variant("ridge ÷ 3", (Patch(leave_one_out, "RIDGE", ridge / 3),)),
    }


def _of_posterior() -> dict[str, Variant]:
    never = float("inf")
    return {
        "no-priors": Variant("without class priors", (Patch(posterior, "PRIOR_POWER", 0.0),)),
        "no-field": Variant("without the mean field", (Patch(posterior, "MIN_FIELD", never),)),
        "nearest": Variant("enlarged by the nearest cell, not guided", (Patch(upsampling, "MIN_BLEND", never),)),
        "full-resolution": Variant("no working grid: every pixel is a cell", (Patch(grid, "MAX_CELLS", 10**9),)),
        "half-grid": Variant("a working grid of half as many cells", (Patch(grid, "MAX_CELLS", grid.MAX_CELLS // 2),)),
    }


def main() -> None:
    variants = all_variants()
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add_arguments(parser)
    parser.add_argument("--variants", nargs="+", choices=list(variants), default=list(variants), metavar="VARIANT")
    args = parser.parse_args()
    chosen = [name for name in variants if name in {*args.variants, FULL}]
    for name, rows in measure({variant: variants[variant].peer() for variant in chosen}, args).items():
        print(f"\n## {name}\n\n{_in_markdown(Table(rows), variants, args.points)}", flush=True)


def _in_markdown(table: Table, variants: dict[str, Variant], points: Sequence[int]) -> str:
    header = ["variant", *(f"{what}, {n} points" for n in points for what in ("mIoU", "minus the full", "seconds"))]
    lines = [
        [variant.title, *(cell for num in points for cell in _cells(table, name, num))]
        for name, variant in variants.items()
        if name in table.rows
    ]
    return markdown(header, lines)


def _cells(table: Table, name: str, num: int) -> list[str]:
    difference = "" if name == FULL else table.difference(name, FULL, num)
    return [table.miou(name, num), difference, table.seconds(name, num)]


if __name__ == "__main__":
    main()
