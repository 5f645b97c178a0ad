from __future__ import annotations

from threading import Event

from hyperpoint.studio.jobs import at_once
from hyperpoint.studio.views.latest import Latest


def test_of_several_that_wait_the_last_is_made() -> None:
    made: list[int] = []
    begun, go, over = Event(), Event(), Event()

    def first() -> int:
        begun.set()
        go.wait(10)
        return 0

    latest = Latest(at_once, made.append)  # type: ignore[arg-type]
    latest.run("picture", first, made.append)
    assert begun.wait(10)
    latest.run("picture", lambda: 1, made.append)
    latest.run("picture", lambda: 2, made.append)
    latest.run("other", lambda: 3, made.append)
    latest.run("end", over.set, lambda _: None)
    go.set()
    assert over.wait(10)
    assert made == [2, 3]
    latest.close()


def test_what_fails_is_said() -> None:
    said: list[str] = []
    over = Event()
    latest = Latest(at_once, said.append)
    latest.run("picture", lambda: 1 // 0, lambda _: None)
    latest.run("end", over.set, lambda _: None)
    assert over.wait(10)
    assert "ZeroDivisionError" in said[0]
    latest.close()
