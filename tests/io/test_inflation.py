"""Small files that promise huge contents."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyperpoint.errors import CubeFormatError, PointsError
from hyperpoint.io import inflation


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.gz"
    path.write_bytes(bytes(1000))
    return path


def test_what_deflate_can_hold_is_accepted(file: Path) -> None:
    inflation.check_promise(file, 1000 * 1032, 1000)


def test_what_it_cannot_hold_is_refused(file: Path) -> None:
    with pytest.raises(CubeFormatError, match=r"a\.gz promises 10000000000000 bytes .* its 1000 packed bytes"):
        inflation.check_promise(file, 10**13, 1000)


def test_packed_bytes_that_the_file_does_not_have_do_not_count(file: Path) -> None:
    with pytest.raises(PointsError, match="its 1000 packed bytes"):
        inflation.check_promise(file, 10**9, 10**9, PointsError)


def test_what_does_not_fit_into_memory_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflation, "most_unpacked_bytes", lambda: 500_000)
    inflation.check_promise(file, 500_000, 1000)
    with pytest.raises(CubeFormatError, match=r"unpacked to 0\.0 GB at once"):
        inflation.check_promise(file, 500_001, 1000)


def test_half_of_the_memory_is_the_most() -> None:
    assert 1 << 26 < inflation.most_unpacked_bytes() < 1 << 45
