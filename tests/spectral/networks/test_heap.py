from __future__ import annotations

import platform

import pytest

pytest.importorskip("torch", reason="the networks need PyTorch (extra deep)")

import torch

from hyperpoint.spectral.networks import heap
from hyperpoint.spectral.networks.heap import kept_heap

pytestmark = pytest.mark.usefixtures("torch_on_one_thread")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_freed_memory_is_taken_again_without_new_pages() -> None:
    """64 MB are 16384 pages of 4 KB."""
    import resource

    faults = []
    with kept_heap():
        for _ in range(10):
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            torch.ones(2**24)
            faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    assert min(faults) < 100


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heap, "_glibc", lambda: (None, None))
    with kept_heap():
        assert torch.ones(3).sum() == 3
