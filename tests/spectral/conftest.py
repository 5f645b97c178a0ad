"""Fixtures of the classifier tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture
def torch_on_one_thread() -> Iterator[None]:
    """Keep PyTorch to one thread, so that test processes do not wait for each other; skip where it is absent."""
    torch = pytest.importorskip("torch", reason="the networks need PyTorch (extra deep)")
    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(num_threads)
