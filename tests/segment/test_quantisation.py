from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.errors import InputError
from hyperpoint.io.images import write_png
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.io.masks import write_mask
from hyperpoint.segment.predictors.onnx_predictor import OnnxPredictor
from hyperpoint.segment.quantisation import measure_cost, quantise

MakeOnnx = Callable[..., Path]


@pytest.fixture
def rows(tmp_path: Path) -> list[ManifestRow]:
    """Three images of pure colours, whose masks say which; the last has a wrong pixel in each hundred."""
    found = []
    for number in range(3):
        truth = np.random.default_rng(number).integers(0, 3, (20, 30)).astype(np.uint8)
        image = (255 * np.eye(3)[truth]).astype(np.uint8)
        if number == 2:
            truth.flat[::100] = (truth.flat[::100] + 1) % 3
        row = ManifestRow(str(number), "val", tmp_path / f"{number}.png", tmp_path / f"{number}_mask.png")
        write_png(row.image, image)
        assert row.label is not None
        write_mask(row.label, truth)
        found.append(row)
    return found


@pytest.mark.parametrize("method", ["dynamic", "static"])
def test_int8_keeps_facts_and_labels(make_onnx: MakeOnnx, rows: list[ManifestRow], method: str) -> None:
    source = make_onnx()
    target = source.with_name(f"{method}.onnx")
    quantise(source, target, method, rows)
    assert b"QuantizeLinear" in target.read_bytes()
    assert OnnxPredictor(target).facts.to_dict() == OnnxPredictor(source).facts.to_dict()
    cost = measure_cost(source, target, rows)
    assert cost.label_agreement == 1
    assert cost.num_images == 3
    assert cost.miou == cost.miou_int8
    # 6 of 1800 pixels have a wrong mask.
    assert 0.99 < cost.miou < 1
    assert cost.seconds > 0 < cost.seconds_int8


def test_unusable_requests_leave_nothing_behind(make_onnx: MakeOnnx, rows: list[ManifestRow], tmp_path: Path) -> None:
    source, target = make_onnx(), tmp_path / "int8.onnx"
    with pytest.raises(InputError, match="unknown quantisation 'int4'"):
        quantise(source, target, "int4")
    with pytest.raises(InputError, match="images to calibrate with"):
        quantise(source, target, "static")
    rows[0].image.write_bytes(b"no image")
    with pytest.raises(InputError, match=r"0\.png"):
        quantise(source, target, "static", rows)
    assert not target.exists()
    assert not list(tmp_path.glob(".*"))


def test_a_mask_of_another_size_is_named(make_onnx: MakeOnnx, rows: list[ManifestRow]) -> None:
    assert rows[1].label is not None
    write_mask(rows[1].label, np.zeros((20, 31), np.uint8))
    with pytest.raises(InputError, match=r"1\.png against \S+1_mask\.png"):
        measure_cost(make_onnx(), make_onnx(), rows)


def test_cost_needs_labelled_pixels(make_onnx: MakeOnnx, rows: list[ManifestRow]) -> None:
    source = make_onnx()
    with pytest.raises(InputError, match="has no mask"):
        measure_cost(source, source, [ManifestRow("x", "val", rows[0].image, None)])
    assert rows[0].label is not None
    write_mask(rows[0].label, np.full((20, 30), 255, np.uint8))
    with pytest.raises(InputError, match="no pixel of the images to score is labelled"):
        measure_cost(source, source, rows[:1])
