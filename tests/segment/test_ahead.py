from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from hyperpoint.segment.ahead import WriteBehind, grouped, read_ahead


def test_results_come_in_order_and_ahead_of_time() -> None:
    started: list[int] = []

    def work(number: int) -> int:
        started.append(number)
        time.sleep(0.002 * (number % 3))
        return number * number

    results = read_ahead(range(100), work, 3, 4)
    assert next(results) == 0
    assert len(started) <= 6
    assert list(results) == [number * number for number in range(1, 100)]


def test_an_error_of_reading_is_raised_where_its_item_stands() -> None:
    results = read_ahead([1, 0, 2], lambda number: 1 / number, 1, 3)
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_all_is_written_before_the_block_ends() -> None:
    done: list[int] = []
    with WriteBehind(1, 2) as writer:
        for number in range(20):
            writer.submit(done.append, number)
    assert done == list(range(20))


def test_an_error_of_writing_is_raised() -> None:
    def fail(_number: int) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"), WriteBehind(1, 2) as writer:
        writer.submit(fail, 1)


def test_an_error_in_the_block_drops_what_waits() -> None:
    gate, done = threading.Event(), []

    def wait(number: int) -> None:
        gate.wait(5)
        done.append(number)

    with pytest.raises(KeyError), WriteBehind(1, 10) as writer:
        for number in range(5):
            writer.submit(wait, number)
        threading.Timer(0.05, gate.set).start()
        raise KeyError
    assert len(done) < 5


def test_groups_of_equal_key() -> None:
    assert list(grouped("aaabbac", str, 2)) == [["a", "a"], ["a"], ["b", "b"], ["a"], ["c"]]
    assert list(grouped("", str, 2)) == []


def test_a_full_group_does_not_wait_for_the_next_item() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise AssertionError

    assert next(grouped(items(), int, 1)) == [1]
