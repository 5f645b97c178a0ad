from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from hyperpoint.errors import InputError
from hyperpoint.io.masks import read_label_ids
from hyperpoint.segment.inputs import InputSpec
from hyperpoint.segment.predictors.averaging import AveragingPredictor
from hyperpoint.segment.predictors.opening import open_predictor
from hyperpoint.segment.sources import Video
from hyperpoint.segment.video import check_videos, predict_video

NUM_FRAMES = 9


@pytest.fixture
def predictor(make_onnx: Callable[..., Path]) -> AveragingPredictor[Any]:
    return open_predictor(make_onnx(), batch_size=4)


def frame(number: int) -> np.ndarray[Any, Any]:
    """Red, green or blue by turns, as OpenCV has it."""
    image = np.zeros((48, 64, 3), np.uint8)
    image[:, :, 2 - number % 3] = 255
    return image


@pytest.fixture
def video(tmp_path: Path) -> Video:
    writer = cv2.VideoWriter(str(tmp_path / "walk.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 20, (64, 48))
    if not writer.isOpened():
        pytest.skip("this OpenCV writes no .mp4")
    for number in range(NUM_FRAMES):
        writer.write(frame(number))
    writer.release()
    return Video(tmp_path / "walk.mp4")


class Camera:
    """Stands for a camera: gives frames without end, and is interrupted when `stop_at` is asked for."""

    stop_at: int | None = None

    def __init__(self, source: int | str) -> None:
        assert source == 0
        self.num = 0

    def isOpened(self) -> bool:  # noqa: N802
        return True

    def get(self, _property: int) -> float:
        return 0.0

    def read(self) -> tuple[bool, Any]:
        if self.num == self.stop_at:
            raise KeyboardInterrupt
        self.num += 1
        return True, frame(self.num - 1)

    def release(self) -> None:
        pass


def test_a_video_with_overlays(predictor: AveragingPredictor[Any], video: Video, tmp_path: Path) -> None:
    steps: list[tuple[int, int | None]] = []
    done = predict_video(predictor, video, tmp_path, progress=lambda done, total, _what: steps.append((done, total)))
    assert done.path == tmp_path / "walk_overlay.mp4"
    assert (done.num_frames, done.height, done.width) == (NUM_FRAMES, 48, 64)
    assert done.frames_per_second > 0
    assert steps == [(4, 9), (8, 9), (9, 9)]
    written = cv2.VideoCapture(str(done.path))
    assert (written.get(cv2.CAP_PROP_FRAME_COUNT), written.get(cv2.CAP_PROP_FPS)) == (NUM_FRAMES, 20)
    for number in range(NUM_FRAMES):
        colour = (frame(number)[0, 0, ::-1] + np.array(predictor.classes.colors[number % 3], int)) / 2
        assert np.abs(written.read()[1].mean(axis=(0, 1))[::-1] - colour).max() < 25
    assert {path.name for path in tmp_path.iterdir()} == {"walk.mp4", "walk_overlay.mp4", "colours.onnx"}


def test_masks_of_the_first_frames(predictor: AveragingPredictor[Any], video: Video, tmp_path: Path) -> None:
    done = predict_video(predictor, video, tmp_path, with_overlay=False, max_frames=3)
    assert done.num_frames == 3
    names = ["000000.png", "000001.png", "000002.png"]
    assert sorted(path.name for path in done.path.iterdir()) == names
    assert [np.unique(read_label_ids(done.path / name)).tolist() for name in names] == [[0], [1], [2]]


@pytest.mark.parametrize(("stop_at", "max_frames"), [(5, None), (None, 5)])
def test_a_camera_until_it_is_interrupted(
    predictor: AveragingPredictor[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stop_at: int | None,
    max_frames: int | None,
) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", Camera)
    monkeypatch.setattr(Camera, "stop_at", stop_at)
    done = predict_video(predictor, Video(0), tmp_path, with_overlay=False, max_frames=max_frames)
    assert done.num_frames == 5
    assert done.path == tmp_path / "camera0"
    assert len(list(done.path.iterdir())) == 5


def test_an_interrupted_camera_leaves_a_complete_video(
    predictor: AveragingPredictor[Any], video: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(cv2, "VideoCapture", Camera)
        patch.setattr(Camera, "stop_at", 5)
        done = predict_video(predictor, Video(0), tmp_path)
    assert cv2.VideoCapture(str(done.path)).get(cv2.CAP_PROP_FRAME_COUNT) == 5


def test_a_video_that_ends_early_is_told(
    predictor: AveragingPredictor[Any],
    video: Video,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    from hyperpoint.segment import video as module

    monkeypatch.setattr(module, "_rate_and_length", lambda *_args: (20.0, 30))
    with caplog.at_level(logging.WARNING, "hyperpoint"):
        predict_video(predictor, video, tmp_path)
    assert "ends after 9 of the 30 frames" in caplog.text


def test_what_is_no_video(predictor: AveragingPredictor[Any], tmp_path: Path) -> None:
    (tmp_path / "odd.mp4").write_bytes(b"nothing of the kind")
    with pytest.raises(InputError, match=r"odd\.mp4 cannot be opened: it is damaged"):
        predict_video(predictor, Video(tmp_path / "odd.mp4"), tmp_path)
    assert not (tmp_path / "odd_overlay.mp4").exists()


def test_a_network_that_sees_cubes(
    predictor: AveragingPredictor[Any], video: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(predictor), "input", InputSpec("cube"))
    with pytest.raises(InputError, match="the network sees cube"):
        predict_video(predictor, video, tmp_path)


def test_two_videos_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="would both be written"):
        check_videos([Video(Path("a/walk.mp4")), Video(Path("b/walk.avi"))], tmp_path / "out")
