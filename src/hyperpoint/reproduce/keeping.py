"""What is computed is kept by all that it depends on, so that a rerun goes on where the last one stopped."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from hyperpoint.errors import HyperpointError, InputError
from hyperpoint.io.files import StrPath, make_folder, read_json, write_json

Signature = Mapping[str, Any]


class Kept:
    """Results in a folder, each a JSON file named after its signature, beside which larger files may lie.

    A result is there once its JSON is; what an interrupted run left without one is made again.

    Parameters
    ----------
    folder
        Made if need be.

    Attributes
    ----------
    num_found, num_made
        How many results were there already, and how many were computed, since this was made.
    """

    def __init__(self, folder: StrPath) -> None:
        self.folder = Path(folder)
        self.num_found = self.num_made = 0
        make_folder(self.folder)

    def path(self, kind: str, signature: Signature, suffix: str) -> Path:
        """Return where a file of a result belongs; its folder is made."""
        make_folder(self.folder / kind)
        return self.folder / kind / f"{key_of(signature)}{suffix}"

    def find(self, kind: str, signature: Signature) -> dict[str, Any] | None:
        """Return a result that is there; None if there is none, or what is there cannot be read."""
        path = self.path(kind, signature, ".json")
        try:
            content = read_json(path, "result", InputError) if path.exists() else None
        except HyperpointError:
            return None
        if not isinstance(content, dict) or content.get("signature") != _plain(signature):
            return None
        result = content.get("result")
        if not isinstance(result, dict):
            return None
        self.num_found += 1
        return result

    def keep(self, kind: str, signature: Signature, result: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Keep a result, JSON-serialisable, and return it with `seconds`, how long it took."""
        whole = {**result, "seconds": round(seconds, 3)}
        write_json(self.path(kind, signature, ".json"), {"signature": _plain(signature), "result": whole})
        self.num_made += 1
        return whole

    def get(self, kind: str, signature: Signature, compute: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
        """Return the result that is there, or compute and keep it; it has `seconds`, how long that took."""
        found = self.find(kind, signature)
        if found is not None:
            return found
        start = time.perf_counter()
        result = compute()
        return self.keep(kind, signature, result, time.perf_counter() - start)


def key_of(signature: Signature) -> str:
    """Return a short name that differs where anything does that a result depends on, hyperpoint's version included."""
    text = json.dumps({**_plain(signature), "version": version("hyperpoint")}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _plain(signature: Signature) -> Any:
    """Return a signature as JSON gives it back."""
    return json.loads(json.dumps(signature, sort_keys=True))
