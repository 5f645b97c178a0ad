"""Names for scenes that are fit for files and folders, and different from each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_LONGEST_NAME = 80
# Names that Windows keeps for devices.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}


def safe_name(text: str) -> str:
    """Return a text as a name for a file or folder: letters, digits, dots, dashes and underscores only."""
    name = re.sub(r"[^\w.-]+", "_", text).strip("._-")[:_LONGEST_NAME].rstrip(".")
    return f"_{name}" if not name or name.split(".")[0].casefold() in _DEVICES else name


def unique_names(names: Sequence[str], folders: Sequence[str]) -> list[str]:
    """Return safe names for scenes; those that several bear get the scene's folder before them.

    Names are also different where upper and lower case are not told apart.
    """
    counts = Counter(safe_name(name).casefold() for name in names)
    found: list[str] = []
    taken: set[str] = set()
    for name, folder in zip(names, folders, strict=True):
        is_unique = counts[safe_name(name).casefold()] == 1
        found.append(free_name(name if is_unique else f"{folder}-{name}", taken))
        taken.add(found[-1].casefold())
    return found


def free_name(name: str, taken: set[str]) -> str:
    """Return a safe name that is not among those `taken`, which are case-folded: with a number after it if need be."""
    wanted = candidate = safe_name(name)
    number = 2
    while candidate.casefold() in taken:
        candidate = f"{wanted}-{number}"
        number += 1
    return candidate
