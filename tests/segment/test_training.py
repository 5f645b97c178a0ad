"""Training as a whole; one file, since all of it needs Lightning. The network is tiny, with dropout, batch
normalisation and an auxiliary head."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from hyperpoint.errors import InputError, MissingFileError
from hyperpoint.io.images import read_rgb, write_png
from hyperpoint.io.manifest import Manifest, ManifestRow, read_manifest, write_manifest
from hyperpoint.io.masks import read_label_ids, write_confidence, write_mask
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.segment import history, training
from hyperpoint.segment.bundle import ModelBundle
from hyperpoint.segment.checkpointing import BestModel
from hyperpoint.segment.config import TrainingConfig
from hyperpoint.segment.launching import has_unused_parameters
from hyperpoint.segment.models.base import SegmentationModel
from hyperpoint.segment.non_finite import NonFiniteLossError, batch_file
from hyperpoint.segment.run_folder import RunFolder
from hyperpoint.segment.task import SegmentationTask, learning_rate
from hyperpoint.segment.training import train
from hyperpoint.spectral.networks.training import single_thread
from hyperpoint.types import ClassTable

CLASSES = ClassTable(("red", "green", "blue"), ((255, 0, 0), (0, 255, 0), (0, 0, 255)))
CONFIG = TrainingConfig(
    weights="none",
    steps=6,
    batch_size=2,
    crop=(16, 20),
    lr=0.05,
    val_every=2,
    checkpoint_every=3,
    workers=0,
    accelerator="cpu",
)


def tiny_model(name: str, num_classes: int, in_channels: int = 3, weights: str = "none") -> SegmentationModel:
    encoder = nn.Sequential(nn.Conv2d(in_channels, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout2d(0.3))
    return SegmentationModel(
        name, encoder, nn.Conv2d(8, num_classes, 1), stride=2, num_classes=num_classes, in_channels=in_channels,
        auxiliary=nn.Conv2d(8, num_classes, 1),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(training, "build_model", tiny_model)
    monkeypatch.setattr(history, "_SECONDS_BETWEEN_DRAWING", 0)
    with single_thread():
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """Five images to train on, two to validate and one to test, of three colours; 24 x 32."""
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    rows = []
    for number, split in enumerate(["train"] * 5 + ["val"] * 2 + ["test"]):
        labels = rng.integers(0, 3, (4, 4)).repeat(6, axis=0).repeat(8, axis=1).astype(np.uint8)
        image = np.array(CLASSES.colors)[labels] * 0.5 + rng.integers(0, 100, (24, 32, 3))
        row = ManifestRow(
            f"{split}{number}", split, folder / f"{number}.png", folder / f"{number}_m.png", None, folder / "c.png"
        )
        write_png(row.image, image.astype(np.uint8))
        assert row.label is not None
        write_mask(row.label, labels)
        rows.append(row)
    write_confidence(folder / "c.png", rng.random((24, 32)).astype(np.float32))
    return read_manifest(write_manifest(folder / "m.csv", rows, CLASSES))


@pytest.fixture
def manifest(made: Manifest, tmp_path: Path) -> Manifest:
    """A copy that may be damaged."""
    folder = tmp_path / "data"
    shutil.copytree(made.path.parent, folder)
    return read_manifest(folder / "m.csv")


def weights(run: RunFolder | Path, of_checkpoint: bool = False) -> dict[str, Tensor]:
    path = run.path if isinstance(run, RunFolder) else run
    if of_checkpoint:
        state: dict[str, Tensor] = torch.load(path / "last.ckpt", weights_only=True)["state_dict"]
        return state
    return load_file(path / "model.safetensors")


def assert_equal(first: dict[str, Tensor], second: dict[str, Tensor]) -> None:
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


def metrics(run: RunFolder | Path) -> list[dict[str, float]]:
    return history.read_metrics(RunFolder(run) if isinstance(run, Path) else run)


def kill_after(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Let training raise in the batch after `step`."""
    untouched = SegmentationTask.training_step

    def dying(task: SegmentationTask, batch: Any, batch_idx: int) -> Tensor:
        if task.global_step == step:
            raise MemoryError("killed")
        return untouched(task, batch, batch_idx)

    monkeypatch.setattr(SegmentationTask, "training_step", dying)


def test_a_run_holds_everything(made: Manifest, tmp_path: Path) -> None:
    torch.manual_seed(5)
    before, told = torch.get_rng_state(), []
    run = train(made, CONFIG, tmp_path / "run", progress=lambda *what: told.append(what))
    assert torch.equal(torch.get_rng_state(), before)
    names = {file.name for file in run.path.iterdir()}
    assert names == {"config.toml", "model.safetensors", "model.json", "last.ckpt", "metrics.csv", "curves.png",
                     "tensorboard"}  # fmt: skip
    assert run.config() == CONFIG
    assert any(run.tensorboard_folder.iterdir())
    rows = metrics(run)
    assert [row["step"] for row in rows if "train_loss" in row] == [1, 2, 3, 4, 5, 6]
    validated = {row["step"]: row["val_miou"] for row in rows if "val_miou" in row}
    assert list(validated) == [2, 4, 6]
    assert run.miou == pytest.approx(max(validated.values()))
    assert validated[run.step] == pytest.approx(run.miou)
    assert run.images_per_second is not None
    assert run.images_per_second > 0
    assert run.waiting_share is not None
    assert 0 <= run.waiting_share <= 1
    assert told[:7] == [(n, 7, f"checking {n - 1}.png") for n in range(1, 8)]
    assert told[-1][:2] == (6, 6)
    assert "loss" in told[-1][2]
    assert "val mIoU" in told[-1][2]


def test_the_bundle_is_the_best_network(made: Manifest, tmp_path: Path) -> None:
    run = train(made, CONFIG, tmp_path / "run")
    bundle = ModelBundle.load(run.path)
    assert bundle.classes == CLASSES
    facts = bundle.training
    assert facts["data"]["num_images"] == {"train": 5, "val": 2}
    assert facts["step"] == run.step
    assert facts["score"]["miou"] == run.miou
    assert set(facts["score"]["iou"]) == set(CLASSES.names)
    assert facts["labels"]["num_masks"] == 5
    # Scored anew by hand, it has the score that it says.
    model = tiny_model("", 3).eval()
    model.load_state_dict(bundle.state)
    matrix = ConfusionMatrix(3)
    for row in made.of_split("val"):
        x = bundle.standardisation.apply(read_rgb(row.image)).transpose(2, 0, 1)
        with torch.no_grad():
            predicted = model(torch.from_numpy(x.copy())[None]).argmax(1)[0].numpy()
        assert row.label is not None
        matrix.update(predicted, read_label_ids(row.label))
    assert matrix.miou == pytest.approx(run.miou, abs=1e-6)


def test_it_learns(made: Manifest, tmp_path: Path) -> None:
    config = replace(CONFIG, steps=30, val_every=30, checkpoint_every=30, lr=0.3, scale=(1, 1), photometric=False)
    run = train(made, config, tmp_path / "run")
    assert run.miou is not None
    assert run.miou > 0.6


@pytest.mark.parametrize("settings", [{}, {"accumulate": 2, "val_every": 3}, {"checkpoint_every": 2}])
def test_a_resumed_run_ends_as_one_that_was_not_stopped(
    made: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any]
) -> None:
    config = replace(CONFIG, **settings)
    through = train(made, config, tmp_path / "through")
    with monkeypatch.context() as patch:
        kill_after(patch, 4 if settings.get("checkpoint_every") == 2 else 5)
        with pytest.raises(MemoryError, match="killed"):
            train(made, config, tmp_path / "cut")
    torch.rand(7)
    checkpoint = torch.load(tmp_path / "cut" / "last.ckpt", weights_only=True)
    assert checkpoint["global_step"] == (4 if settings.get("checkpoint_every") == 2 else 3)
    resumed = train(made, config, tmp_path / "cut", resume=True)
    assert_equal(weights(resumed, of_checkpoint=True), weights(through, of_checkpoint=True))
    assert_equal(weights(resumed), weights(through))
    assert (resumed.miou, resumed.step) == (through.miou, through.step)
    for one, other in zip(metrics(resumed), metrics(through), strict=True):
        timing = {"images_per_second", "waiting_share"}
        assert {k: v for k, v in one.items() if k not in timing} == {k: v for k, v in other.items() if k not in timing}


def test_other_seeds_give_other_weights_and_equal_ones_equal(made: Manifest, tmp_path: Path) -> None:
    config = replace(CONFIG, steps=2)
    runs = [weights(train(made, replace(config, seed=seed), tmp_path / str(n))) for n, seed in enumerate((1, 1, 2))]
    assert_equal(runs[0], runs[1])
    assert not torch.equal(runs[0]["head.weight"], runs[2]["head.weight"])


def test_resuming_what_is_finished_changes_nothing(made: Manifest, tmp_path: Path) -> None:
    first = train(made, CONFIG, tmp_path / "run")
    before = weights(first), metrics(first)
    again = train(made, CONFIG, tmp_path / "run", resume=True)
    assert_equal(weights(again), before[0])
    assert metrics(again) == before[1]
    assert (again.miou, again.step) == (first.miou, first.step)


def test_resuming_needs_the_same_run(made: Manifest, tmp_path: Path) -> None:
    config = replace(CONFIG, steps=1)
    run = train(made, config, tmp_path / "run", resume=True)  # nothing to go on with: begins
    with pytest.raises(InputError, match="already holds a run"):
        train(made, config, tmp_path / "run")
    with pytest.raises(InputError, match=r"lr was 0.05, not 0.1"):
        train(made, replace(config, lr=0.1), tmp_path / "run", resume=True)
    with pytest.raises(InputError, match=r"is not what the run in .* was trained on: its ids or splits and masks dif"):
        train(replace(made, rows=made.rows[1:]), config, tmp_path / "run", resume=True)
    run.checkpoint.write_bytes(run.checkpoint.read_bytes()[:300])
    with pytest.raises(InputError, match=r"last.ckpt cannot be read.*delete it"):
        train(made, config, tmp_path / "run", resume=True)


def test_resuming_needs_the_same_masks(manifest: Manifest, tmp_path: Path) -> None:
    config = replace(CONFIG, steps=1, confidence_weighted=True)
    train(manifest, config, tmp_path / "run")
    label, confidence = manifest.rows[0].label, manifest.rows[0].confidence
    assert label is not None
    assert confidence is not None
    before = confidence.read_bytes()
    write_confidence(confidence, np.ones((24, 32), np.float32))
    with pytest.raises(InputError, match=r"m\.csv is not what the run in .* was trained on: its confidences differ"):
        train(manifest, config, tmp_path / "run", resume=True)
    confidence.write_bytes(before)
    # As many pixels of each class, elsewhere.
    write_mask(label, read_label_ids(label)[:, ::-1])
    with pytest.raises(InputError, match=r"m\.csv is not what the run in .* was trained on: its masks differ"):
        train(manifest, config, tmp_path / "run", resume=True)


def test_masks_that_moved_are_the_same(manifest: Manifest, tmp_path: Path) -> None:
    config = replace(CONFIG, steps=1)
    first = train(manifest, config, tmp_path / "run")
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    moved = read_manifest(tmp_path / "elsewhere" / "m.csv")
    assert train(moved, config, tmp_path / "run", resume=True).miou == first.miou


def test_a_run_without_checkpoint_begins_anew(
    made: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        kill_after(patch, 1)
        with pytest.raises(MemoryError, match="killed"):
            train(made, CONFIG, tmp_path / "run")
    with pytest.raises(InputError, match=r"holds a run without a checkpoint; begin it anew \(--resume\)"):
        train(made, CONFIG, tmp_path / "run")
    # Nothing was saved, so that even other settings do no harm.
    config = replace(CONFIG, lr=0.02)
    with caplog.at_level(logging.WARNING, "hyperpoint"):
        again = train(made, config, tmp_path / "run", resume=True)
    assert "has no checkpoint yet, so it begins anew" in caplog.text
    assert again.config() == config
    assert_equal(weights(again), weights(train(made, config, tmp_path / "other")))
    assert [row["step"] for row in metrics(again) if "train_loss" in row] == [1, 2, 3, 4, 5, 6]
    again.checkpoint.unlink()
    with pytest.raises(InputError, match=r"lr was 0.02, not 0.05"):
        train(made, CONFIG, tmp_path / "run", resume=True)


def test_what_was_not_timed_has_no_speed(made: Manifest, tmp_path: Path) -> None:
    run = train(made, replace(CONFIG, steps=1), tmp_path / "run")
    assert (run.images_per_second, run.waiting_share) == (None, None)
    assert "images_per_second" not in metrics(run)[0]


def test_missing_weights_are_told_before_images_are_read(manifest: Manifest, tmp_path: Path) -> None:
    manifest.rows[0].image.write_bytes(b"")
    config = replace(CONFIG, weights=str(tmp_path / "none.pth"))
    with pytest.raises(MissingFileError, match=r"none\.pth does not exist"):
        train(manifest, config, tmp_path / "run")
    # A run that is resumed does not need what it started from.
    with pytest.raises(InputError, match="1 of 7 images cannot be used"):
        train(manifest, replace(config, weights="none"), tmp_path / "run")
    (tmp_path / "run" / "last.ckpt").touch()
    with pytest.raises(InputError, match="1 of 7 images cannot be used"):
        train(manifest, config, tmp_path / "run", resume=True)


def test_files_of_a_run_have_the_permissions_of_others(made: Manifest, tmp_path: Path) -> None:
    (tmp_path / "any").touch()
    run = train(made, replace(CONFIG, steps=1), tmp_path / "run")
    modes = {file.name: file.stat().st_mode for file in run.path.iterdir() if file.is_file()}
    assert modes == dict.fromkeys(modes, (tmp_path / "any").stat().st_mode)


def test_the_last_step_is_validated_too(made: Manifest, tmp_path: Path) -> None:
    for resume in (False, True):
        run = train(made, replace(CONFIG, steps=3), tmp_path / "run", resume)
        assert [row["step"] for row in metrics(run) if "val_miou" in row] == [2, 3]


def test_the_test_split_is_never_read(manifest: Manifest, tmp_path: Path) -> None:
    (row,) = manifest.of_split("test")
    assert row.label is not None
    row.image.write_bytes(b"no image")
    row.label.unlink()
    train(read_manifest(manifest.path, splits=("train", "val")), replace(CONFIG, steps=1), tmp_path / "a")
    train(manifest, replace(CONFIG, steps=1), tmp_path / "b")
    assert_equal(weights(tmp_path / "a"), weights(tmp_path / "b"))


def test_without_validation_the_last_is_the_best(
    made: Manifest, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = tuple(row for row in made.rows if row.split == "train")
    with caplog.at_level(logging.WARNING, "hyperpoint"):
        run = train(replace(made, rows=rows), CONFIG, tmp_path / "run")
    assert "has no split 'val': the last network is kept" in caplog.text
    assert (run.miou, run.step) == (None, 6)
    last = {key.removeprefix("model."): value for key, value in weights(run, of_checkpoint=True).items()}
    assert_equal(weights(run), last)


def test_damage_is_found_before_the_first_step(manifest: Manifest, tmp_path: Path) -> None:
    for number in (1, 3):
        path = manifest.rows[number].image
        path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match=r"2 .*1\.png.*3\.png"):
        train(manifest, CONFIG, tmp_path / "run")
    assert not list((tmp_path / "run").iterdir())
    rows = tuple(row for row in manifest.rows if row.split != "train")
    with pytest.raises(InputError, match=r"the split 'train' of .* is empty"):
        train(replace(manifest, rows=rows), CONFIG, tmp_path / "run")


def test_a_full_disk_is_found_before_the_first_step(
    made: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(InputError, match=r"only 0\.00 GB are free"):
        train(made, CONFIG, tmp_path / "run")
    assert not list((tmp_path / "run").iterdir())


def test_a_loss_that_is_not_finite_stops_the_run(
    made: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    untouched = SegmentationModel.forward_with_auxiliary

    def broken(model: SegmentationModel, x: Tensor) -> Any:
        logits, more = untouched(model, x)
        return logits * (float("nan") if broken_steps.pop() else 1), more

    broken_steps = [True, False]
    monkeypatch.setattr(SegmentationModel, "forward_with_auxiliary", broken)
    with pytest.raises(
        NonFiniteLossError, match=r"the loss of step 2 is not finite \(nan\).*\d\.png, .*\d\.png"
    ) as told:
        train(made, CONFIG, tmp_path / "run")
    with np.load(tmp_path / "run" / "non_finite_batch.npz") as saved:
        assert saved["image"].shape == (2, 3, 16, 20)
        assert saved["label"].shape == (2, 16, 20)
        assert all(str(name) in str(told.value) for name in saved["images"])
    assert told.value.step == 2


def test_a_validation_loss_that_is_not_finite_stops_the_run(
    made: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    untouched = SegmentationModel.forward
    good = [True, True, True]

    def broken(model: SegmentationModel, x: Tensor) -> Tensor:
        return untouched(model, x) * (1 if good and good.pop() else float("inf"))

    monkeypatch.setattr(SegmentationModel, "forward", broken)
    with pytest.raises(
        NonFiniteLossError, match=r"the validation loss after step 4 is not finite \(nan\).*shows .*6\.png: "
    ):
        train(made, replace(CONFIG, checkpoint_every=1), tmp_path / "run")
    with np.load(tmp_path / "run" / "non_finite_batch.npz") as saved:
        assert saved["image"].shape == (1, 3, 24, 32)
    # What was the best before, and a state to go on from, are kept.
    assert ModelBundle.load(tmp_path / "run").training["step"] == 2
    assert torch.load(tmp_path / "run" / "last.ckpt", weights_only=True)["global_step"] == 3


def test_each_process_has_a_file_of_its_own_for_its_batch(tmp_path: Path) -> None:
    assert batch_file(tmp_path, 0, 1) == tmp_path / "non_finite_batch.npz"
    assert [batch_file(tmp_path, rank, 2).name for rank in (0, 1)] == [
        "non_finite_batch_rank0.npz", "non_finite_batch_rank1.npz"
    ]  # fmt: skip


def test_a_single_image_is_refused_where_it_cannot_be_learned_from(
    made: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pooling(name: str, num_classes: int, in_channels: int = 3, weights: str = "none") -> SegmentationModel:
        model = tiny_model(name, num_classes, in_channels, weights)
        model.auxiliary = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.BatchNorm2d(8), nn.Conv2d(8, num_classes, 1))
        return model

    alone = replace(CONFIG, batch_size=1, steps=1)
    train(made, alone, tmp_path / "plain")
    monkeypatch.setattr(training, "build_model", pooling)
    with pytest.raises(InputError, match=r"hrnet_w48 cannot learn from one crop of 16 x 20 .*--batch-size 2"):
        train(made, alone, tmp_path / "run")
    assert not list((tmp_path / "run").iterdir())
    train(made, replace(alone, batch_size=2), tmp_path / "run")


def test_confidence_and_class_weights_have_an_effect(made: Manifest, tmp_path: Path) -> None:
    config = replace(CONFIG, steps=1)
    variants: list[dict[str, Any]] = [
        {}, {"confidence_weighted": True}, {"class_weights": "balanced"}, {"loss": "cross-entropy+dice+lovasz"}
    ]  # fmt: skip
    found = [weights(train(made, replace(config, **one), tmp_path / str(n)))["head.weight"]
             for n, one in enumerate(variants)]  # fmt: skip
    assert not any(torch.equal(found[a], found[b]) for a in range(4) for b in range(a))


def test_confidence_that_is_not_there_is_told(made: Manifest, tmp_path: Path) -> None:
    without = replace(made, rows=tuple(replace(row, confidence=None) for row in made.rows))
    with pytest.raises(InputError, match="--confidence-weighted needs a column"):
        train(without, replace(CONFIG, steps=1, confidence_weighted=True), tmp_path / "run")


def test_half_precision_on_the_cpu(made: Manifest, tmp_path: Path) -> None:
    run = train(made, replace(CONFIG, steps=1, precision="bf16"), tmp_path / "run")
    assert weights(run)["head.weight"].dtype == torch.float32
    with pytest.raises(InputError, match="fp16 needs a GPU"):
        train(made, replace(CONFIG, steps=1, precision="fp16"), tmp_path / "other")


@pytest.mark.slow
def test_compiled(made: Manifest, tmp_path: Path) -> None:
    config = replace(CONFIG, steps=2, checkpoint_every=2)
    plain, compiled = (train(made, replace(config, compile=one), tmp_path / str(one)) for one in (False, True))
    # Dropout draws otherwise in compiled code, so that only shapes and names can agree.
    assert {name: value.shape for name, value in weights(plain).items()} == {
        name: value.shape for name, value in weights(compiled).items()
    }
    assert not torch.equal(weights(compiled)["head.weight"], torch.zeros(3, 8, 1, 1))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_devices_that_are_not_there(made: Manifest, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot train on 1 x gpu"):
        train(made, replace(CONFIG, accelerator="gpu"), tmp_path / "run")


@pytest.mark.parametrize("is_used", [True, False])
def test_features_without_use_are_noticed(is_used: bool) -> None:
    model = tiny_model("", 3).train()
    if not is_used:
        model.head = nn.Identity()
        model.auxiliary = None
        model.spare = nn.Linear(2, 2)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert has_unused_parameters(model) is not is_used
    assert model.training
    assert_equal(model.state_dict(), before)
    assert all(one.grad is None for one in model.parameters())


def test_ctrl_c(made: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(SegmentationTask, "training_step", interrupt)
    with pytest.raises(KeyboardInterrupt):
        train(made, CONFIG, tmp_path / "run")


def test_the_rate_falls_as_a_polynomial() -> None:
    config = TrainingConfig()
    assert learning_rate(config, 0) == 0.01
    assert learning_rate(config, 40_000) == pytest.approx(0.0099 * 0.5**0.9 + 1e-4)
    assert learning_rate(config, 80_000) == pytest.approx(1e-4)


@pytest.mark.parametrize(("scores", "kept"), [([0.2, 0.5, 0.5, 0.4], [1, 2]), ([float("nan"), 0.1], [1, 2])])
def test_only_a_better_network_is_kept(scores: list[float], kept: list[int]) -> None:
    class Score(ConfusionMatrix):
        miou = 0.0

    saved: list[int] = []
    best = BestModel(lambda step, _: saved.append(step), True)
    for step, miou in enumerate(scores, start=1):
        score = Score(2)
        score.miou = miou
        trainer: Any = type("T", (), {"global_step": step, "is_global_zero": True})
        module: Any = type("M", (), {"score": score})
        best.on_validation_end(trainer, module)
    assert saved == kept


def test_the_stopwatch(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = history.Stopwatch()
    assert watch.waiting_share is None
    clock: Callable[[], float] = iter([5.0, 7, 8, 10, 90, 94, 95, 97]).__next__
    monkeypatch.setattr("time.perf_counter", clock)
    for pauses in (False, False, True, False):
        if pauses:
            watch.pause()
        watch.start_batch()
        watch.end_batch()
    # 5-7 came first, 90-94 after a pause; 7-8 and 94-95 are waiting, 8-10 and 95-97 learning.
    assert (watch.training, watch.waiting, watch.num_batches) == (6, 2, 2)
    assert watch.waiting_share == pytest.approx(1 / 3)
