"""The worker that annotates at every click."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import hyperpoint as hp
from hyperpoint.annotation.mixture.scoring import score_cells
from hyperpoint.annotation.prepared import PreparedScene
from hyperpoint.errors import PointsError
from hyperpoint.studio import refitting as module
from hyperpoint.studio.refitting import Refit, Refitter, in_a_sentence, what_to_click
from hyperpoint.types import Annotation, PointSet, Scene

SECONDS = 30.0


class Listener:
    """Keeps what was delivered, and in which thread."""

    def __init__(self) -> None:
        self.done: list[Refit] = []
        self.failed: list[Refit] = []
        self.threads: set[threading.Thread] = set()

    def on_done(self, refit: Refit) -> None:
        self.threads.add(threading.current_thread())
        self.done.append(refit)

    def on_error(self, refit: Refit) -> None:
        self.threads.add(threading.current_thread())
        self.failed.append(refit)

    def refitter(self, prepared: PreparedScene) -> Refitter:
        return Refitter(prepared, self.on_done, self.on_error)


class Gate:
    """Stands in for `annotate`: waits until it is let through, and counts."""

    def __init__(self) -> None:
        self.begun, self.open = threading.Semaphore(0), threading.Semaphore(0)
        self.asked: list[PointSet] = []

    def __call__(self, prepared: PreparedScene, points: PointSet, **_settings: Any) -> Annotation:
        self.asked.append(points)
        self.begun.release()
        assert self.open.acquire(timeout=SECONDS)
        shape = prepared.scene.size
        return Annotation(np.full(shape, len(points), dtype=np.uint8), np.ones(shape, dtype=np.float32))


@pytest.fixture(scope="module")
def prepared() -> PreparedScene:
    rng = np.random.default_rng(0)
    cube = np.full((24, 24, 5), 0.4)
    cube[:, 12:, 2:] = 0.8
    cube += rng.normal(0, 0.02, cube.shape)
    rgb = np.full((24, 24, 3), 90, dtype=np.uint8)
    return hp.prepare(Scene(cube.astype(np.float32), rgb=rgb), "best")


@pytest.fixture
def listener() -> Listener:
    return Listener()


def points(num: int, num_classes: int = 2) -> PointSet:
    at = np.arange(num)
    return PointSet(at, np.where(at % num_classes, 20, 3), (at % num_classes).astype(np.uint8))


def test_an_annotation_is_delivered_from_another_thread(prepared: PreparedScene, listener: Listener) -> None:
    refitter = listener.refitter(prepared)
    refitter.request(points(4), 7)
    assert refitter.wait(SECONDS) and not refitter.is_busy
    (refit,) = listener.done
    assert refit.revision == 7 and refit.error is None and refit.seconds > 0
    expected = hp.annotate(prepared, points(4))
    assert refit.annotation is not None
    np.testing.assert_array_equal(refit.annotation.labels, expected.labels)
    np.testing.assert_array_equal(refit.annotation.confidence, expected.confidence)
    assert listener.threads.isdisjoint({threading.current_thread()})
    refitter.close()


def test_the_latest_request_wins(prepared: PreparedScene, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate()
    monkeypatch.setattr(module, "annotate", gate)
    refitter = listener.refitter(prepared)
    refitter.request(points(2), 1)
    assert gate.begun.acquire(timeout=SECONDS)
    for revision in (2, 3, 4):
        refitter.request(points(revision + 1), revision)
        assert refitter.is_requested
    gate.open.release(2)
    assert refitter.wait(SECONDS)
    assert [refit.revision for refit in listener.done] == [1, 4]
    assert [len(asked) for asked in gate.asked] == [2, 5]
    refitter.close()


@pytest.mark.parametrize(("num", "num_classes", "words"), [(0, 1, "Choose a class"), (3, 1, "second class")])
def test_too_few_classes_are_no_failure(
    prepared: PreparedScene, listener: Listener, num: int, num_classes: int, words: str
) -> None:
    refitter = listener.refitter(prepared)
    refitter.request(points(num, num_classes), 3)
    assert refitter.wait(SECONDS)
    (refit,) = listener.done
    assert refit.annotation is None and refit.revision == 3
    assert refit.error is not None and words in refit.error and refit.error == what_to_click(points(num, num_classes))
    refitter.close()


def test_a_failure_is_a_sentence_and_the_next_click_works(prepared: PreparedScene, listener: Listener) -> None:
    refitter = listener.refitter(prepared)
    refitter.request(PointSet(np.array([0, 99]), np.array([3, 20]), np.array([0, 1], dtype=np.uint8)), 1)
    assert refitter.wait(SECONDS)
    (failed,) = listener.failed
    assert failed.annotation is None and failed.error is not None and "lies outside the image" in failed.error
    refitter.request(points(4), 2)
    assert refitter.wait(SECONDS)
    assert [refit.revision for refit in listener.done] == [2]
    refitter.close()


def test_an_unexpected_error_is_a_sentence_too(
    prepared: PreparedScene, listener: Listener, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> Annotation:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(module, "annotate", fail)
    refitter = listener.refitter(prepared)
    refitter.request(points(2), 1)
    assert refitter.wait(SECONDS)
    assert listener.failed[0].error == (
        "Something unexpected went wrong (ZeroDivisionError: by nought); the log has the details."
    )
    assert "by nought" in caplog.text
    refitter.close()


def test_a_listener_that_fails_does_not_end_the_thread(
    prepared: PreparedScene, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    heard = []

    def fail_first(refit: Refit) -> None:
        heard.append(refit.revision)
        if len(heard) == 1:
            raise RuntimeError("no page")

    refitter = Refitter(prepared, fail_first, listener.on_error)
    for revision in (1, 2):
        refitter.request(points(4), revision)
        assert refitter.wait(SECONDS)
    assert heard == [1, 2] and "no page" in caplog.text
    refitter.close()


def test_the_same_points_are_not_annotated_twice(
    prepared: PreparedScene, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    gate.open.release(9)
    monkeypatch.setattr(module, "annotate", gate)
    refitter = listener.refitter(prepared)
    for revision, reject in ((1, False), (2, False), (3, True)):
        refitter.request(points(4), revision, reject=reject)
        assert refitter.wait(SECONDS)
    assert [refit.revision for refit in listener.done] == [1, 2, 3] and len(gate.asked) == 2
    assert listener.done[0].annotation is listener.done[1].annotation
    refitter.close()


def test_after_closing_nothing_is_delivered(
    prepared: PreparedScene, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    monkeypatch.setattr(module, "annotate", gate)
    refitter = listener.refitter(prepared)
    refitter.request(points(2), 1)
    assert gate.begun.acquire(timeout=SECONDS)
    refitter.request(points(3), 2)
    refitter.close()
    gate.open.release(2)
    refitter.request(points(4), 3)
    assert refitter.wait(SECONDS)
    assert not listener.done and not listener.failed and len(gate.asked) == 1
    refitter._thread.join(SECONDS)
    assert not refitter._thread.is_alive()


def test_jobs_wait_for_annotations_and_the_latest_of_a_key_wins(
    prepared: PreparedScene, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    monkeypatch.setattr(module, "annotate", gate)
    refitter = listener.refitter(prepared)
    refitter.request(points(2), 1)
    assert gate.begun.acquire(timeout=SECONDS)
    order: list[str] = []
    errors: list[str] = []

    def fail() -> None:
        raise PointsError("nothing to suggest")

    refitter.later("feedback", lambda: order.append("old"), errors.append)
    refitter.later("fails", fail, errors.append)
    refitter.later("feedback", lambda: order.append(f"new after {len(listener.done)}"), errors.append)
    refitter.request(points(3), 2)
    gate.open.release(2)
    assert refitter.wait(SECONDS)
    assert order == ["new after 2"]
    assert errors == ["nothing to suggest"]
    refitter.close()


def test_blas_has_one_thread_in_the_worker_whoever_set_it_before(
    prepared: PreparedScene, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    hp.annotate(prepared, points(4), seed=1)  # in the main thread, which could keep the right to set it
    seen: list[int] = []

    def watched(*args: Any) -> Any:
        seen.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return score_cells(*args)

    monkeypatch.setattr("hyperpoint.annotation.mixture.scene.score_cells", watched)
    refitter = listener.refitter(prepared)
    refitter.request(points(4), 1, seed=2)
    assert refitter.wait(SECONDS)
    assert seen and set(seen) == {1} and listener.done
    refitter.close()


def test_errors_in_words() -> None:
    assert in_a_sentence(PointsError("two points are one")) == "two points are one"
    assert "memory" in in_a_sentence(MemoryError())
    assert in_a_sentence(OSError("gone")) == "A file could not be read or written: gone."


@pytest.mark.parametrize("is_job", [True, False])
def test_what_fails_because_the_program_ends_is_no_error(
    prepared: PreparedScene, is_job: bool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener()
    refitter = listener.refitter(prepared)

    def fail(*_: Any, **__: Any) -> Annotation:
        refitter.close()
        raise RuntimeError("cannot schedule new futures after interpreter shutdown")

    monkeypatch.setattr(module, "annotate", fail)
    if is_job:
        refitter.later(
            "feedback", cast(Callable[[], None], fail), lambda _sentence: pytest.fail("nobody listens any more")
        )
    else:
        refitter.request(PointSet(np.array([1, 9]), np.array([1, 9]), np.array([0, 1], dtype=np.uint8)), 1)
    assert refitter.wait(SECONDS)
    assert listener.failed == []
    assert not caplog.records
