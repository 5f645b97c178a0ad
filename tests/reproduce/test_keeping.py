from __future__ import annotations

from pathlib import Path
from typing import Any

from hyperpoint.reproduce.keeping import Kept, key_of


def test_a_result_is_computed_once(tmp_path: Path) -> None:
    calls = []

    def compute() -> dict[str, Any]:
        calls.append(1)
        return {"miou": 0.5}

    for _ in range(2):
        found = Kept(tmp_path).get("score", {"seed": 1, "ratio": (1, 4)}, compute)
        assert found["miou"] == 0.5
        assert found["seconds"] >= 0
    assert len(calls) == 1


def test_another_signature_is_another_result(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.get("score", {"seed": 1}, lambda: {"miou": 0.5})
    assert kept.find("score", {"seed": 2}) is None
    assert kept.find("other", {"seed": 1}) is None
    assert (kept.num_found, kept.num_made) == (0, 1)


def test_a_damaged_result_is_made_anew(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.keep("score", {"seed": 1}, {"miou": 0.5}, 1.0)
    kept.path("score", {"seed": 1}, ".json").write_text('{"signature": ')
    assert kept.find("score", {"seed": 1}) is None
    assert kept.get("score", {"seed": 1}, lambda: {"miou": 0.25})["miou"] == 0.25


def test_the_key_depends_on_the_version(monkeypatch: Any) -> None:
    before = key_of({"seed": 1})
    monkeypatch.setattr("hyperpoint.reproduce.keeping.version", lambda _name: "99")
    assert key_of({"seed": 1}) != before
