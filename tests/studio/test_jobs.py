from __future__ import annotations

import threading

from hyperpoint.errors import InputError
from hyperpoint.studio.jobs import Jobs, Report, at_once


def test_results_come_back_in_order_and_the_work_is_announced() -> None:
    said: list[tuple[str, float | None]] = []
    results: list[int] = []
    jobs = Jobs(at_once, lambda: said.append((jobs.title, jobs.share)), lambda _: None)

    def half(report: Report) -> int:
        report(0.5)
        return 1

    jobs.run("first", half, results.append)
    jobs.run("second", lambda _: 2, results.append)
    jobs.wait()
    jobs.close()
    assert results == [1, 2]
    assert said == [("first", None), ("first", 0.5), ("", None), ("second", None), ("", None)]


def test_a_failure_is_a_sentence_and_the_next_is_done() -> None:
    errors: list[str] = []
    results: list[int] = []
    jobs = Jobs(at_once, lambda: None, errors.append)

    def fail(_: Report) -> int:
        raise InputError("the cube is upside down")

    jobs.run("Opening a", fail, results.append)
    jobs.run("Opening b", lambda _: 2, results.append)
    jobs.wait()
    jobs.close()
    assert errors == ["Opening a: the cube is upside down"]
    assert results == [2]


def test_a_failure_of_what_follows_is_a_sentence_too() -> None:
    errors: list[str] = []

    def fail(_: int) -> None:
        raise InputError("the journal is about another image")

    jobs = Jobs(at_once, lambda: None, errors.append)
    jobs.run("Opening a", lambda _: 1, fail)
    jobs.wait()
    jobs.close()
    assert errors == ["Opening a: the journal is about another image"]


def test_what_waits_is_dropped_when_it_closes() -> None:
    started, go_on = threading.Event(), threading.Event()
    results: list[int] = []

    def work(_: Report) -> int:
        started.set()
        go_on.wait(10)
        return 1

    jobs = Jobs(at_once, lambda: None, lambda _: None)
    jobs.run("long", work, results.append)
    jobs.run("never", lambda _: 2, results.append)
    started.wait(10)
    threading.Timer(0.05, go_on.set).start()
    jobs.close(wait=True)
    assert results == [1]
