"""Samples and the data module: one file, since both need torch."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint

from hyperpoint.errors import InputError
from hyperpoint.io.images import write_png
from hyperpoint.io.manifest import Manifest, ManifestRow
from hyperpoint.io.masks import write_confidence, write_mask
from hyperpoint.segment.data.module import SegmentationData, default_num_workers
from hyperpoint.segment.data.samples import SampleNumbers, SharedPlaces, TrainingSamples, WholeImages
from hyperpoint.segment.data.transforms import Augmentation
from hyperpoint.segment.inputs import InputSpec, imagenet_standardisation
from hyperpoint.types import ClassTable

RGB = InputSpec("rgb")
IMAGENET = imagenet_standardisation()
AUGMENTATION = Augmentation((16, 20))
NUM_TRAIN = 5


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """Five training and three validation images, 24 x 32; the first two have a confidence of one half, and a cube."""
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    rows = []
    for number in range(NUM_TRAIN + 3):
        write_png(folder / f"{number}.png", rng.integers(0, 256, (24, 32, 3), dtype=np.uint8))
        write_mask(folder / f"{number}_mask.png", rng.integers(0, 3, (24, 32), dtype=np.uint8))
        split = "train" if number < NUM_TRAIN else "val"
        more: dict[str, Any] = {}
        if number < 2:
            write_confidence(folder / f"{number}_c.png", np.full((24, 32), 0.5, np.float32))
            np.save(folder / f"{number}.npy", rng.normal(size=(12, 16, 6)).astype(np.float32))
            more = {"confidence": folder / f"{number}_c.png", "cube": folder / f"{number}.npy"}
        rows.append(ManifestRow(str(number), split, folder / f"{number}.png", folder / f"{number}_mask.png", **more))
    return Manifest(folder / "m.csv", tuple(rows), ClassTable(("a", "b", "c"), ((1, 1, 1), (2, 2, 2), (3, 3, 3))))


def samples(manifest: Manifest, seed: int = 0, **options: Any) -> TrainingSamples:
    return TrainingSamples(
        manifest.of_split("train"), RGB, IMAGENET, options.pop("augmentation", AUGMENTATION), seed, **options
    )


def data(manifest: Manifest, **options: Any) -> SegmentationData:
    options = {"batch_size": 2, "seed": 3, "num_workers": 0, **options}
    return SegmentationData(manifest, RGB, IMAGENET, AUGMENTATION, **options)


def equal(first: dict[str, Any], second: dict[str, Any]) -> bool:
    assert first.keys() == second.keys()
    return all(torch.equal(torch.as_tensor(first[name]), torch.as_tensor(second[name])) for name in first)


def test_a_training_sample(manifest: Manifest) -> None:
    sample = samples(manifest)[7]
    assert sample.keys() == {"image", "label", "index"}
    assert (sample["image"].shape, sample["image"].dtype) == ((3, 16, 20), torch.float32)
    assert (sample["label"].shape, sample["label"].dtype) == ((16, 20), torch.int64)
    assert set(sample["label"].unique().tolist()) <= {0, 1, 2, 255}


def test_without_any_variation_it_is_the_image_padded(manifest: Manifest) -> None:
    plain = Augmentation((30, 40), (1, 1), 1, 0, photometric=False)
    dataset = samples(manifest, augmentation=plain, confidence_weighted=True)
    whole = WholeImages(manifest.of_split("train"), RGB, IMAGENET)
    for k in range(NUM_TRAIN):
        sample = dataset[k]
        wanted = whole[sample["index"]]
        torch.testing.assert_close(sample["image"][:, :24, :32], wanted["image"])
        assert torch.equal(sample["label"][:24, :32], wanted["label"])
        weight = 0.5 if sample["index"] < 2 else 1.0
        torch.testing.assert_close(sample["weight"][:24, :32], torch.full((24, 32), weight), rtol=0, atol=1e-4)
        outside = torch.ones(30, 40, dtype=torch.bool)
        outside[:24, :32] = False
        assert not sample["image"][:, outside].any()
        assert (sample["label"][outside] == 255).all()
        assert not sample["weight"][outside].any()


@given(st.integers(0, 10**6), st.integers(0, 2**32))
def test_every_pass_shows_each_image_once(manifest: Manifest, turn: int, seed: int) -> None:
    dataset = samples(manifest, seed)
    shown = [dataset.index_of(turn * NUM_TRAIN + place) for place in range(NUM_TRAIN)]
    assert sorted(shown) == list(range(NUM_TRAIN))


def test_the_order_differs_from_pass_to_pass_and_seed_to_seed(manifest: Manifest) -> None:
    orders = set()
    for seed in range(3):
        dataset = samples(manifest, seed)
        orders |= {tuple(dataset.index_of(5 * turn + place) for place in range(5)) for turn in range(3)}
    assert len(orders) > 5


@given(st.lists(st.integers(0, 40), min_size=1, max_size=4), st.integers(0, 3))
def test_a_sample_depends_on_seed_and_number_alone(manifest: Manifest, numbers: list[int], seed: int) -> None:
    used, fresh = samples(manifest, seed), samples(manifest, seed)
    for k in numbers:
        used[k]
        np.random.rand()  # noqa: NPY002  # nor on global state
        torch.rand(1)
    assert equal(used[numbers[0]], fresh[numbers[0]])


def test_other_seeds_and_numbers_give_other_samples(manifest: Manifest) -> None:
    images = [samples(manifest, seed)[k]["image"] for seed in range(3) for k in (0, 1, 5, 6)]
    assert not any(torch.equal(images[a], images[b]) for a in range(12) for b in range(a))


def test_workers_and_resuming_change_nothing(manifest: Manifest) -> None:
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    wanted = list(islice(data(manifest).train_dataloader(), 6))
    assert torch.equal(torch.random.get_rng_state(), before)
    with_workers = iter(data(manifest, num_workers=2).train_dataloader())
    assert all(equal(one, next(with_workers)) for one in wanted)
    resumed = data(manifest)
    resumed.load_state_dict({"num_samples": 6})
    assert all(equal(one, two) for one, two in zip(wanted[3:], resumed.train_dataloader(), strict=False))


def test_the_processes_of_a_run_share_its_samples() -> None:
    alone = list(islice(SampleNumbers(8), 12))
    shared = [list(islice(SampleNumbers(8, rank, 3), 4)) for rank in range(3)]
    assert alone == list(range(8, 20))
    assert sorted(k for share in shared for k in share) == alone


@given(st.integers(1, 20), st.integers(1, 5))
def test_the_processes_of_a_run_share_validation_equally(num: int, num_processes: int) -> None:
    shares = [list(SharedPlaces(num, rank, num_processes)) for rank in range(num_processes)]
    assert len({len(share) for share in shares}) == 1
    assert len(shares[0]) == len(SharedPlaces(num, 0, num_processes))
    assert sorted(place for share in shares for place in share if place >= 0) == list(range(num))


def test_validation_shows_whole_images_in_order(manifest: Manifest) -> None:
    batches = list(data(manifest).val_dataloader())
    assert [batch["index"].tolist() for batch in batches] == [[0], [1], [2]]
    assert batches[0]["image"].shape == (1, 3, 24, 32)
    assert batches[0]["label"].shape == (1, 24, 32)
    padding = data(manifest).validation[-1]
    assert (padding["label"] == 255).all()
    assert padding["index"] == -1


class Recorder(LightningModule):
    """A network of one weight that notes which images it is shown, and in the end has learned from all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.shown: list[list[int]] = []

    def training_step(self, batch: dict[str, Any], _number: int) -> torch.Tensor:
        self.shown.append(batch["index"].tolist())
        loss: torch.Tensor = (batch["image"].mean() - self.weight).square().sum()
        return loss

    def validation_step(self, batch: dict[str, Any], _number: int) -> None:
        pass

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), 0.1, momentum=0.9)


def run(manifest: Manifest, folder: Path, steps: int, resume: Path | None = None) -> Recorder:
    recorder = Recorder()
    trainer = Trainer(
        max_steps=steps, val_check_interval=4, check_val_every_n_epoch=None, accumulate_grad_batches=2, logger=False,
        callbacks=[ModelCheckpoint(folder, every_n_train_steps=3, save_top_k=-1)], accelerator="cpu",
        use_distributed_sampler=False, enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0,
    )  # fmt: skip
    trainer.fit(recorder, datamodule=data(manifest), ckpt_path=resume, weights_only=True)
    return recorder


@pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists:UserWarning")
@pytest.mark.filterwarnings("ignore:.*does not have many workers:UserWarning")
@pytest.mark.filterwarnings(r"ignore:`isinstance\(treespec, LeafSpec\)` is deprecated:FutureWarning")  # Lightning's use
def test_a_resumed_training_goes_on_with_the_next_sample(manifest: Manifest, tmp_path: Path) -> None:
    through = run(manifest, tmp_path / "through", 8)
    run(manifest, tmp_path / "cut", 3)
    (checkpoint,) = (tmp_path / "cut").iterdir()
    resumed = run(manifest, tmp_path / "cut", 8, checkpoint)
    assert resumed.shown == through.shown[6:]
    assert torch.equal(resumed.weight, through.weight)


def test_the_state_is_how_many_samples_were_taken(manifest: Manifest) -> None:
    module = data(manifest, batch_size=4)
    assert module.state_dict() == {"num_samples": 0}
    module.trainer = SimpleNamespace(global_step=10, accumulate_grad_batches=3, world_size=2)  # type: ignore[assignment]
    assert module.state_dict() == {"num_samples": 240}


@pytest.mark.parametrize("text", ["cube", "pca:2"])
def test_cubes_go_the_same_way(manifest: Manifest, text: str) -> None:
    spec, rows = InputSpec.parse(text), manifest.of_split("train")[:2]
    standardisation = spec.fit(rows)
    plain = Augmentation((24, 32), (1, 1), 1, 0)
    dataset = TrainingSamples(rows, spec, standardisation, plain, 0)
    whole = WholeImages(rows, spec, standardisation)
    assert dataset[0]["image"].shape == (standardisation.num_channels, 24, 32)
    torch.testing.assert_close(dataset[0]["image"], whole[dataset[0]["index"]]["image"], atol=1e-5, rtol=0)


def test_what_is_wrong_is_told(manifest: Manifest, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the split 'dev' .* is empty"):
        data(manifest, val_split="dev")
    row = manifest.rows[0]
    with pytest.raises(InputError, match="has no mask"):
        TrainingSamples([ManifestRow("0", "train", row.image, None)], RGB, IMAGENET, AUGMENTATION, 0)[0]
    write_mask(tmp_path / "m.png", np.zeros((3, 4), np.uint8))
    other = [ManifestRow("0", "train", row.image, tmp_path / "m.png")]
    with pytest.raises(InputError, match="has files of 24 x 32 and 3 x 4 pixels"):
        TrainingSamples(other, RGB, IMAGENET, AUGMENTATION, 0)[0]
    with pytest.raises(InputError, match="has files of 24 x 32 and 3 x 4 pixels"):
        WholeImages(other, RGB, IMAGENET)[0]


def test_there_is_always_a_worker() -> None:
    assert 1 <= default_num_workers() <= 16
    assert default_num_workers(1000) == 1
