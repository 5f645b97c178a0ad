"""The folder of a training: what lies in it, and whether a training may write there."""

from __future__ import annotations

import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from hyperpoint.errors import InputError
from hyperpoint.io.files import atomic_path, check_writable, make_folder
from hyperpoint.segment.config import TrainingConfig, config_from_toml, make_config

logger = logging.getLogger(__name__)

# Set by Lightning, torchrun and SLURM; in the first process all are 0 or absent.
_RANK_VARIABLES = ("RANK", "LOCAL_RANK", "NODE_RANK", "GROUP_RANK", "SLURM_PROCID")
_CHECKPOINT_NAME = "last.ckpt"
_WEIGHTS_NAME = "model.safetensors"  # as ModelBundle.save calls it, which needs PyTorch


@dataclass(frozen=True)
class RunFolder:
    """The folder of a training, and how the training went.

    Attributes
    ----------
    path
        `ModelBundle.load` takes it.
    miou
        Best on the validation images, 0..1; None if there are none.
    step
        After which the network that is kept was saved.
    images_per_second
        Of all processes together in training, validation and checkpoints apart; None if nothing was timed, as in a
        run of one step or one that is finished already.
    waiting_share
        Share of that time in which the network waited for samples, 0..1; None likewise.
    """

    path: Path
    miou: float | None = None
    step: int = 0
    images_per_second: float | None = None
    waiting_share: float | None = None

    @property
    def config_file(self) -> Path:
        """The settings of the run."""
        return self.path / "config.toml"

    @property
    def checkpoint(self) -> Path:
        """What `--resume` goes on from."""
        return self.path / _CHECKPOINT_NAME

    @property
    def weights_file(self) -> Path:
        """The best network so far."""
        return self.path / _WEIGHTS_NAME

    @property
    def metrics_file(self) -> Path:
        """Loss and scores by step."""
        return self.path / "metrics.csv"

    @property
    def curves_file(self) -> Path:
        """The same as a picture."""
        return self.path / "curves.png"

    @property
    def tensorboard_folder(self) -> Path:
        """The same for TensorBoard."""
        return self.path / "tensorboard"

    def config(self) -> TrainingConfig:
        """Return the settings of the run."""
        return make_config(config_from_toml(self.config_file))

    def prepare(self, config: TrainingConfig, resume: bool) -> None:
        """Make the folder, and make sure that it can be written to and holds no other run.

        A run that was stopped before its first checkpoint begins anew when it is resumed, and a warning says so; as
        long as it has saved no network either, its settings may be others.

        Raises
        ------
        InputError
            If not, or a run is to be resumed under settings that change its result.
        """
        make_folder(self.path)
        check_writable(self.checkpoint)
        # Left by a process that was killed while it wrote.
        for stale in self.path.glob(f".{self.checkpoint.stem}-*{self.checkpoint.suffix}"):
            stale.unlink(missing_ok=True)
        if not self.config_file.exists():
            return
        has_checkpoint = self.checkpoint.exists()
        if not resume:
            # Not begun anew unasked: another process may be at it.
            what = "a run; go on with it" if has_checkpoint else "a run without a checkpoint; begin it anew"
            raise InputError(f"{self.path} already holds {what} (--resume), or choose another folder (--out)")
        if has_checkpoint or self.weights_file.exists():
            config.check_resumes(self.config(), self.path)
        if not has_checkpoint:
            logger.warning("the run in %s has no checkpoint yet, so it begins anew", self.path)

    def check_space(self, num_bytes: int) -> None:
        """Make sure that `num_bytes` more fit on the disk.

        Raises
        ------
        InputError
            If not.
        """
        free = shutil.disk_usage(self.path).free
        if free < num_bytes:
            raise InputError(
                f"checkpoints and weights of this run take up to {num_bytes / 1e9:.2f} GB, but only {free / 1e9:.2f} "
                f"GB are free in {self.path}; make room, or choose another folder (--out)"
            )

    def write_config(self, config: TrainingConfig) -> None:
        """Write the settings; from then on the folder holds a run."""
        with atomic_path(self.config_file) as temporary:
            temporary.write_text(config.to_toml(), encoding="utf-8", newline="\n")


def is_first_process() -> bool:
    """Say whether this is the process of a distributed training that writes files and speaks to people."""
    return all(int(os.environ.get(name) or 0) == 0 for name in _RANK_VARIABLES)
