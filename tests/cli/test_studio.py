from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hyperpoint.cli.main import main


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["studio", "--help"]) == 0
    said = capsys.readouterr().out
    for words in ("Examples:", "--state", "--password", "Ctrl+Z", "Everything is saved"):
        assert words in said


def test_an_open_address_without_a_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("panel")
    assert main(["studio", str(tmp_path), "--address", "0.0.0.0"]) == 2
    assert "--password or --token" in capsys.readouterr().err


def test_a_folder_without_scenes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("panel")
    assert main(["studio", str(tmp_path)]) == 2
    assert "no scene" in capsys.readouterr().err


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "panel.custom", None)
    assert main(["studio", str(tmp_path)]) == 2
    assert "hyperpoint[studio]" in capsys.readouterr().err
