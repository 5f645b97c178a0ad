"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Machines are shared: how long an example takes says nothing. CI tries the same examples each time, so that a change is
# judged by what it changes; runs at a desk go on looking for new ones.
settings.register_profile("hyperpoint", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("hyperpoint")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with the real scenes kept beside the project; skips where there is none."""
    folder = Path(os.environ.get("HYPERPOINT_SHARED", Path(__file__).parents[2] / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} does not exist (set HYPERPOINT_SHARED)")
    return folder
