"""The guard must notice what it is there to notice."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.errors import CubeFormatError, InputError
from tests.fuzz import guard


def test_an_error_of_ours_is_a_refusal(tmp_path: Path) -> None:
    def refuse(folder: Path) -> None:
        raise InputError("no")

    assert not guard.is_accepted(refuse, tmp_path)
    assert guard.is_accepted(lambda folder: None, tmp_path)


def test_another_error_is_a_finding(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        guard.is_accepted(lambda folder: 1 // 0, tmp_path)


def test_a_huge_allocation_is_a_finding(tmp_path: Path) -> None:
    with pytest.raises(MemoryError):
        guard.is_accepted(lambda folder: np.ones(1 << 40, dtype=np.uint8), tmp_path)


def test_a_huge_allocation_is_a_finding_behind_an_error_of_ours_too(tmp_path: Path) -> None:
    def hide(folder: Path) -> None:
        try:
            bytearray(1 << 40)
        except MemoryError as error:
            raise CubeFormatError("damaged") from error

    with pytest.raises(guard.FindingError, match="asked for more than"):
        guard.is_accepted(hide, tmp_path)


def test_what_takes_long_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "SECONDS", 0.05)

    def hang(folder: Path) -> None:
        while True:
            pass

    with pytest.raises(guard.FindingError, match="in hang"):
        guard.is_accepted(hang, tmp_path)


def test_a_warning_of_a_library_is_none(tmp_path: Path) -> None:
    assert guard.is_accepted(lambda folder: warnings.warn("damaged", UserWarning, stacklevel=1), tmp_path)
