"""Look up the pinned versions in the vulnerability service that pip-audit asks, in less than half a minute.

Exit status 1 if one of them has a known vulnerability. Where the service is out of reach, knows nothing of the packages
or is too slow, that is said, and nothing fails: what is checked here depends on others, not on the change.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_SECONDS = 25.0
_SECONDS_TO_ANSWER = 5
_AT_ONCE = 8


def main() -> int:
    """Audit constraints.txt; return the exit status."""
    if find_spec("pip_audit") is None:
        _say("not checked for known vulnerabilities: pip-audit is not installed")
        return 0
    deadline = time.monotonic() + _SECONDS
    lines = Path("constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if "==" in line and not line.startswith("#")]
    # One first: where that is not answered, the others are not asked.
    first = _audited(pins[:1], deadline)
    if first is None or "skip_reason" in first[0]:
        _say("not checked for known vulnerabilities: the service does not answer here")
        return 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        parts = list(pool.map(lambda part: _audited(part, deadline), (pins[at::_AT_ONCE] for at in range(_AT_ONCE))))
    found = [package for part in parts for package in part or ()]
    checked = [package for package in found if "skip_reason" not in package]
    vulnerable = [package for package in checked if package["vulns"]]
    for package in vulnerable:
        names = ", ".join(one["id"] for one in package["vulns"])
        fixed = sorted({version for one in package["vulns"] for version in one["fix_versions"]})
        _say(f"{package['name']} {package['version']}: {names}; mended in {', '.join(fixed) or 'no version yet'}")
    _say(f"{len(checked)} of {len(pins)} pinned versions checked for known vulnerabilities")
    return 1 if vulnerable else 0


def _audited(pins: list[str], deadline: float) -> list[dict[str, Any]] | None:
    """Return what pip-audit says of each, or None if it could not ask."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "pins.txt").write_text("\n".join(pins), encoding="utf-8")
        command = [
            sys.executable, "-m", "pip_audit", "--requirement", f"{folder}/pins.txt", "--no-deps", "--disable-pip",
            "--format", "json", "--progress-spinner", "off", "--timeout", str(_SECONDS_TO_ANSWER),
        ]  # fmt: skip
        try:
            left = max(1, deadline - time.monotonic())
            done = subprocess.run(command, capture_output=True, timeout=left, check=False)
            answer: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
        except (subprocess.TimeoutExpired, ValueError, KeyError):
            return None
    return answer


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
