"""Lightning's data module: batches for training and validation, from worker processes."""

from __future__ import annotations

import os
from typing import Any

import torch
from lightning.pytorch import LightningDataModule
from torch.utils.data import DataLoader

from hyperpoint.io.manifest import Manifest
from hyperpoint.segment.data.samples import Sample, SampleNumbers, SharedPlaces, TrainingSamples, WholeImages
from hyperpoint.segment.data.transforms import Augmentation
from hyperpoint.segment.inputs import InputSpec, Standardisation

# One GPU is not fed faster by more than this many processes; each has the libraries in memory.
_MAX_WORKERS = 16
_NUM_PREFETCHED = 4


class SegmentationData(LightningDataModule):
    """Training samples without end and whole validation images of a manifest.

    Every draw depends on `seed` and the number of the sample in the run alone. The state that Lightning saves in a
    checkpoint is how many samples were taken, so that a resumed run goes on with the next one, whatever the number of
    workers. The trainer must have `use_distributed_sampler=False`, for processes are told apart here.

    Parameters
    ----------
    manifest
        Has the splits `train_split` and `val_split`; the test split is never looked at.
    inputs, standardisation
        What the network sees.
    batch_size
        Of each process. Validation images come one at a time, since they may differ in size.
    confidence_weighted
        Whether training samples have `weight`.
    num_workers
        Worker processes for each training process; None: by the number of cores. 0: none.

    Raises
    ------
    InputError
        If a split is empty.
    """

    def __init__(
        self,
        manifest: Manifest,
        inputs: InputSpec,
        standardisation: Standardisation,
        augmentation: Augmentation,
        *,
        batch_size: int,
        seed: int,
        confidence_weighted: bool = False,
        num_workers: int | None = None,
        train_split: str = "train",
        val_split: str = "val",
    ) -> None:
        super().__init__()
        self.batch_size = batch_size
        self._seed = seed
        self._num_workers = num_workers
        self._first_sample = 0
        self.training = TrainingSamples(
            manifest.of_split(train_split), inputs, standardisation, augmentation, seed, confidence_weighted
        )
        self.validation = WholeImages(manifest.of_split(val_split), inputs, standardisation)

    def train_dataloader(self) -> DataLoader[Sample]:
        """Return batches without end, from the first sample that was not taken yet."""
        rank, num_processes = self._place()
        return DataLoader(
            self.training,
            batch_size=self.batch_size,
            sampler=SampleNumbers(self._first_sample, rank, num_processes),
            **self._options(),
        )

    def val_dataloader(self) -> DataLoader[Sample]:
        """Return the validation images one by one; where processes share them, with padding (index -1)."""
        rank, num_processes = self._place()
        return DataLoader(
            self.validation,
            batch_size=1,
            sampler=SharedPlaces(len(self.validation), rank, num_processes),
            **self._options(),
        )

    def state_dict(self) -> dict[str, Any]:
        """Return how many samples all processes together have taken."""
        if self.trainer is None:
            return {"num_samples": self._first_sample}
        batches = self.trainer.global_step * self.trainer.accumulate_grad_batches
        return {"num_samples": batches * self.batch_size * self.trainer.world_size}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on after the samples that were taken."""
        self._first_sample = int(state_dict["num_samples"])

    def _place(self) -> tuple[int, int]:
        return (0, 1) if self.trainer is None else (self.trainer.global_rank, self.trainer.world_size)

    def _options(self) -> dict[str, Any]:
        of_machine = 1 if self.trainer is None else self.trainer.num_devices
        num_workers = default_num_workers(of_machine) if self._num_workers is None else self._num_workers
        options: dict[str, Any] = {
            "num_workers": num_workers,
            "pin_memory": torch.cuda.is_available(),
            # Of its own, so that making an iterator draws nothing from torch's global state.
            "generator": torch.Generator().manual_seed(self._seed),
        }
        if num_workers:
            options |= {
                "persistent_workers": True,
                "prefetch_factor": _NUM_PREFETCHED,
                "worker_init_fn": _use_one_thread,
            }
        return options


def default_num_workers(num_processes: int = 1) -> int:
    """Return how many worker processes to start for each of `num_processes` training processes of a machine.

    With a GPU all cores but one prepare samples, at most 16; without, a quarter of them, at least one, since the
    network needs the rest.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    free = cores - 1 if torch.cuda.is_available() else cores // 4
    return max(1, min(_MAX_WORKERS, free // num_processes))


def _use_one_thread(_worker: int) -> None:
    import cv2

    cv2.setNumThreads(0)
