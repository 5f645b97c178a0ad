"""From a trained network and a video, or a camera, to a video with overlays or a mask of every frame."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from hyperpoint.errors import InputError
from hyperpoint.io.files import StrPath, atomic_path, make_folder
from hyperpoint.io.masks import write_mask
from hyperpoint.io.preview import overlay
from hyperpoint.segment.ahead import WriteBehind, grouped, read_ahead
from hyperpoint.segment.predictors.averaging import AveragingPredictor
from hyperpoint.segment.sources import Video, check_targets, video_target
from hyperpoint.types import LabelArray, UInt8Array

logger = logging.getLogger(__name__)

Progress = Callable[[int, int | None, str], None]
TakeFrame = Callable[[int, UInt8Array, LabelArray], None]

# Cameras often do not say how many frames a second they give.
_USUAL_RATE = 25.0
_NUM_AHEAD = 8
# The one codec for .mp4 that every build of OpenCV has.
_CODEC = "mp4v"


@dataclass(frozen=True)
class VideoSummary:
    """What was predicted: `num_frames` of `height` x `width` pixels in `seconds`, written to `path`.

    `network_seconds` is how long the network took of that.
    """

    path: Path
    num_frames: int
    height: int
    width: int
    seconds: float
    network_seconds: float

    @property
    def frames_per_second(self) -> float:
        """How many frames a second were read, labelled and written."""
        return self.num_frames / self.seconds if self.seconds else 0.0


def predict_video(
    predictor: AveragingPredictor[Any],
    video: Video,
    out: StrPath,
    *,
    with_overlay: bool = True,
    max_frames: int | None = None,
    progress: Progress | None = None,
) -> VideoSummary:
    """Label the frames of a video or camera.

    A camera runs until `max_frames`, or until it is interrupted (Ctrl-C), after which the video is complete. Its frames
    are computed one by one, so that none has to wait for others.

    Parameters
    ----------
    out
        An existing folder. With overlays, a video <name>_overlay.mp4 is written there; without, a folder <name> of
        masks 000000.png, ...
    max_frames
        Stop after so many.
    progress
        Called with (done, total or None, frame rate as text).

    Raises
    ------
    InputError
        If the video or camera cannot be opened, gives no frame, or the network does not see rgb; or if the output
        cannot be written.
    """
    if predictor.input.needs_cube:
        raise InputError(f"a video has colours alone, but the network sees {predictor.input}; use one trained on rgb")
    target = video_target(video, Path(out), overlay=with_overlay)
    size, num, network_seconds, start = (0, 0), 0, 0.0, time.perf_counter()
    with ExitStack() as stack:
        capture = stack.enter_context(_opened(video))
        rate, total = _rate_and_length(capture, video, max_frames)
        take = stack.enter_context(
            _video_writer(target, rate, predictor) if with_overlay else _masks(target, predictor)
        )
        writer = stack.enter_context(WriteBehind(1, _NUM_AHEAD))
        batches = grouped(_frames(capture, video, max_frames), np.shape, 1 if video.is_live else predictor.batch_size)
        if video.is_live:
            stack.enter_context(suppress(KeyboardInterrupt))
        for batch in batches:
            size = (batch[0].shape[0], batch[0].shape[1])
            began = time.perf_counter()
            labels, _ = predictor.label(np.stack(batch))
            network_seconds += time.perf_counter() - began
            for place, frame in enumerate(batch):
                writer.submit(take, num + place, frame, labels[place])
            num += len(batch)
            if progress is not None:
                progress(num, total, f"{num / (time.perf_counter() - start):.1f} frames/s")
    if not num:
        raise InputError(f"{_named(video)} gives no frame; is it damaged, or used by another program?")
    if total is not None and num < total:
        logger.warning("%s ends after %d of the %d frames that it announces", _named(video), num, total)
    return VideoSummary(target, num, *size, time.perf_counter() - start, network_seconds)


def check_videos(videos: Sequence[Video], out: StrPath, *, with_overlay: bool = True) -> None:
    """Make the folder `out`, and make sure that each video will be written to a place of its own.

    Raises
    ------
    InputError
        If not.
    """
    targets = [(str(video.source), video_target(video, Path(out), overlay=with_overlay)) for video in videos]
    inputs = [video.source for video in videos if isinstance(video.source, Path)]
    check_targets(targets, inputs, Path(out))


def _named(video: Video) -> str:
    return f"the camera {video.source}" if video.is_live else f"the video {video.source}"


@contextmanager
def _opened(video: Video) -> Iterator[Any]:
    import cv2

    capture = cv2.VideoCapture(video.source if isinstance(video.source, int) else str(video.source))
    try:
        if not capture.isOpened():
            why = "is one connected, and is it free?" if video.is_live else "it is damaged or of an unknown format"
            raise InputError(f"{_named(video)} cannot be opened: {why}")
        yield capture
    finally:
        capture.release()


def _rate_and_length(capture: Any, video: Video, max_frames: int | None) -> tuple[float, int | None]:
    import cv2

    rate, length = capture.get(cv2.CAP_PROP_FPS), int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    known = None if video.is_live or length <= 0 else length
    if max_frames is not None:
        known = max_frames if known is None else min(known, max_frames)
    return (rate if 0 < rate < 1000 else _USUAL_RATE), known


def _frames(capture: Any, video: Video, max_frames: int | None) -> Iterator[UInt8Array]:
    """Yield the frames, (H, W, 3) uint8, r g b. Those of a file are decoded ahead, those of a camera when wanted."""
    import cv2

    def read(_number: int) -> UInt8Array | None:
        good, frame = capture.read()
        return np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), dtype=np.uint8) if good else None

    numbers = count() if max_frames is None else range(max_frames)
    found = map(read, numbers) if video.is_live else read_ahead(numbers, read, 1, _NUM_AHEAD)
    for frame in found:
        if frame is None:
            return
        yield frame


@contextmanager
def _video_writer(path: Path, rate: float, predictor: AveragingPredictor[Any]) -> Iterator[TakeFrame]:
    """Yield what takes the frames of a video; the file gets its name when it is complete."""
    import cv2

    with atomic_path(path) as temporary:
        writer = cv2.VideoWriter()

        def take(number: int, frame: UInt8Array, labels: LabelArray) -> None:
            if number == 0:
                code = cv2.VideoWriter.fourcc(*_CODEC)
                if not writer.open(str(temporary), code, rate, (frame.shape[1], frame.shape[0])):
                    raise InputError(f"OpenCV cannot write {path} here; write masks instead (--no-overlay)")
            picture = overlay(frame, labels, predictor.classes)
            writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))

        try:
            yield take
        finally:
            writer.release()
        if temporary.stat().st_size == 0:
            raise InputError(f"no frame could be written to {path}; the video gives none, or OpenCV cannot write it")


@contextmanager
def _masks(folder: Path, predictor: AveragingPredictor[Any]) -> Iterator[TakeFrame]:
    make_folder(folder)
    yield lambda number, _frame, labels: write_mask(folder / f"{number:06d}.png", labels, predictor.classes)
