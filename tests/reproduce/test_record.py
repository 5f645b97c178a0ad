from __future__ import annotations

import json
import subprocess

import pytest

from hyperpoint.reproduce import record


def test_a_record_is_json_and_names_what_matters() -> None:
    found = record.describe_machine()
    json.dumps(found)
    assert {"commit", "python", "versions", "cores", "memory_gib", "accelerator"} <= found.keys()
    assert found["versions"]["numpy"]


def test_no_git_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: object, **_options: object) -> None:
        raise FileNotFoundError("git")

    monkeypatch.setattr(subprocess, "run", missing)
    assert record.describe_machine()["commit"] is None


def test_a_package_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "_DISTRIBUTIONS", ("no-such-distribution-at-all",))
    assert record.describe_machine()["versions"] == {"no-such-distribution-at-all": None}
