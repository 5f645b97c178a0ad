"""A loss that is no number: say so, and keep the images with which it came about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hyperpoint.errors import HyperpointError
from hyperpoint.io.files import atomic_path
from hyperpoint.io.manifest import ManifestRow

_NUM_NAMED = 4


class NonFiniteLossError(HyperpointError, FloatingPointError):
    """The loss became NaN or infinite: training would only go on in appearance.

    Attributes
    ----------
    step
        Which step it was, counted from 1; in validation, after which it was.
    value
        The loss.
    batch
        What the network was shown.
    in_validation
        Whether it was shown validation images.
    """

    def __init__(self, step: int, value: float, batch: dict[str, Any], in_validation: bool = False) -> None:
        subject = f"validation loss after step {step}" if in_validation else f"loss of step {step}"
        super().__init__(f"the {subject} is not finite ({value})")
        self.step, self.value, self.batch, self.in_validation = step, value, batch, in_validation


def batch_file(folder: Path, rank: int, num_processes: int) -> Path:
    """Return where the process `rank` of `num_processes` saves the batch; each has its own."""
    return folder / ("non_finite_batch.npz" if num_processes == 1 else f"non_finite_batch_rank{rank}.npz")


def save_and_explain(error: NonFiniteLossError, file: Path, rows: Sequence[ManifestRow]) -> NonFiniteLossError:
    """Save the batch of an error, and return the error with what to do about it.

    Parameters
    ----------
    file
        An .npz: the batch, and as `images` the files that it shows.
    rows
        To which the `index` of the batch points.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    shown = [str(rows[int(index)].image) for index in error.batch["index"]]
    arrays: dict[str, Any] = {name: value.cpu().numpy() for name, value in error.batch.items() if name != "index"}
    with atomic_path(file) as temporary:
        np.savez_compressed(temporary, images=shown, **arrays)
    names = ", ".join(shown[:_NUM_NAMED]) + (", ..." if len(shown) > _NUM_NAMED else "")
    explained = NonFiniteLossError(error.step, error.value, error.batch, error.in_validation)
    explained.args = (
        f"{error}; the batch is saved as {file}, and shows {names}: look whether these are in order, else lower the "
        f"learning rate (--lr) or take another --precision, in a new --out",
    )
    return explained
