"""A short run over every reader; `python -m benchmarks.fuzz` is the long one."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.guard import is_accepted
from tests.fuzz.target import Target, write_files
from tests.fuzz.targets import TARGET_NAMES, get_target

_EXAMPLES = 25
_WITH_TORCH = {"metrics-csv", "model", "checkpoint", "pt"}  # which takes seconds to import


@pytest.fixture(
    params=[pytest.param(name, marks=[pytest.mark.slow] if name in _WITH_TORCH else []) for name in TARGET_NAMES]
)
def target(request: pytest.FixtureRequest) -> Target:
    return get_target(request.param)


def test_valid_files_are_accepted(target: Target, tmp_path: Path) -> None:
    for files in target.valid:
        write_files(tmp_path, files)

        assert is_accepted(target.read, tmp_path)


def test_any_file_is_read_or_refused_with_an_error_of_ours(target: Target) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)

        # Without shrinking: a smaller seed makes no smaller input.
        @settings(
            max_examples=_EXAMPLES,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(st.integers(0, 2**64 - 1))
        def check(number: int) -> None:
            write_files(folder, target.make(Random(number)))
            is_accepted(target.read, folder)

        check()
