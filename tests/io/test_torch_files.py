"""Files of torch: nothing but tensors and plain values comes out of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from warnings import warn

import pytest

from hyperpoint.errors import InputError, MissingExtraError
from hyperpoint.io.torch_files import load_tensors


@pytest.mark.slow
class TestLoading:
    @pytest.mark.parametrize("is_new", [True, False])
    def test_tensors_come_back(self, tmp_path: Path, is_new: bool) -> None:
        torch = pytest.importorskip("torch")
        torch.save({"a": torch.arange(3), "b": "text"}, tmp_path / "a.pt", _use_new_zipfile_serialization=is_new)
        content = load_tensors(tmp_path / "a.pt", "file", InputError)
        assert content["a"].tolist() == [0, 1, 2]
        assert content["b"] == "text"

    @pytest.mark.parametrize("is_new", [True, False])
    def test_anything_else_is_refused_unseen(self, tmp_path: Path, is_new: bool) -> None:
        torch = pytest.importorskip("torch")
        torch.save({"a": _Evil()}, tmp_path / "a.pt", _use_new_zipfile_serialization=is_new)
        with pytest.raises(InputError, match=r"the weights file .*a\.pt cannot be read: .*other things than tensors"):
            load_tensors(tmp_path / "a.pt", "weights file", InputError)

    @pytest.mark.parametrize("content", [b"", b"x", b"PK\x03\x04", b"\x80\x02}q\x00(X\xff\xff\xff\xff", b"\x80\x02(u."])
    def test_damage_is_an_error_of_ours(self, tmp_path: Path, content: bytes) -> None:
        pytest.importorskip("torch")
        (tmp_path / "a.pt").write_bytes(content)
        with pytest.raises(InputError, match="cannot be read"):
            load_tensors(tmp_path / "a.pt", "file", InputError)


class _Evil:
    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return warn, ("it was run",)  # an error where warnings are errors


def test_without_torch_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"hyperpoint\[deep\]"):
        load_tensors(tmp_path / "a.pt", "file", InputError)
