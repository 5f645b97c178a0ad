"""How many cores are used, and whose BLAS threads."""

from __future__ import annotations

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
