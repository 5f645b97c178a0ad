"""How many cores are used, and whose BLAS threads."""

from __future__ import annotations

import threading

import pytest
from threadpoolctl import threadpool_info

from hyperpoint.annotation.mixture.cores import num_workers, one_blas_thread, spread


def blas_threads() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_omp_num_threads_bounds_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert num_workers() == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "4,2")  # a nested setting, which says nothing here
    assert num_workers() >= 1


def test_results_come_in_order() -> None:
    assert spread(lambda number: number * number, range(9)) == [number * number for number in range(9)]


def test_blas_gets_its_threads_back_when_the_last_is_done() -> None:
    before = blas_threads()
    with one_blas_thread():
        with one_blas_thread():
            assert set(blas_threads()) == {1}
        assert set(blas_threads()) == {1}  # the outer still holds it
    assert blas_threads() == before


def test_every_thread_can_hold_blas_to_one_and_give_it_back() -> None:
    before = blas_threads()
    seen: list[list[int]] = []

    def hold() -> None:
        with one_blas_thread():
            seen.append(blas_threads())

    with one_blas_thread():  # the main thread has set the number once, and could keep the right to do so
        pass
    thread = threading.Thread(target=hold)
    thread.start()
    thread.join()
    assert set(seen[0]) == {1}
    assert blas_threads() == before


def test_the_last_thread_gives_back_what_another_took() -> None:
    before = blas_threads()
    took, may_leave = threading.Event(), threading.Event()

    def take_first() -> None:
        with one_blas_thread():
            took.set()
            may_leave.wait(10)

    thread = threading.Thread(target=take_first)
    thread.start()
    took.wait(10)
    with one_blas_thread():
        may_leave.set()
        thread.join()
        assert set(blas_threads()) == {1}
    assert blas_threads() == before
