"""Everything that README and docs/ say to type is typed, in order; see `rules` for what is made small, and why."""

from __future__ import annotations

import logging
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hyperpoint.cli.main import main
from hyperpoint.reproduce import sizes
from tests.docs.documents import DOCUMENTS, ROOT, Block, Typed, name_of, steps
from tests.docs.rules import OTHERS, PARSED_ONLY, RUN_AS, SMALL

pytestmark = pytest.mark.slow

TUTORIAL = ROOT / "docs" / "tutorial.md"
# Needs dask_jobqueue and SLURM; the command in it is held against the options that there are.
NOT_RUN = "dask_jobqueue"


def is_run(step: Typed | Block) -> bool:
    """Say whether something is run, rather than named or passed over."""
    if isinstance(step, Block):
        return NOT_RUN not in step.text
    is_named_alone = not step.is_block and step.text.count(" ") == 1 and step.text not in RUN_AS
    return not is_named_alone and step.text not in PARSED_ONLY and not step.text.startswith(tuple(OTHERS))


def to_run(path: Path) -> list[Typed | Block]:
    return [step for step in steps(path) if is_run(step)]


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the log back, and make the paper's experiments tiny."""
    pytest.importorskip("lightning")
    tiny = replace(sizes.QUICK, num_train=1, num_test=1, num_seeds=1, twocnn_iterations=10)
    monkeypatch.setattr(sizes, "QUICK", tiny)
    logger = logging.getLogger("hyperpoint")
    before = (logger.handlers[:], logger.propagate, logger.level)
    from hyperpoint.spectral.networks.training import single_thread

    with single_thread():
        yield
    logger.handlers[:], logger.propagate = before[0], before[1]
    logger.setLevel(before[2])


@pytest.mark.parametrize("path", [one for one in DOCUMENTS if one != TUTORIAL and to_run(one)], ids=name_of)
def test_everything_runs(path: Path, stage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(stage, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    for step in to_run(path):
        run(step)


def test_the_tutorial_leads_to_a_network_that_answers_alike_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for step in to_run(TUTORIAL):
        known = run(step)
    deployed = np.asarray(Image.open("deployed/0011.png"))
    assert (known["labels"] == deployed).mean() > 0.99
    assert (np.asarray(Image.open("predicted/0011.png")) == deployed).mean() > 0.99


def run(step: Typed | Block) -> dict[str, Any]:
    """Run one step in the working directory, whose names Python's are returned."""
    if isinstance(step, Block):
        array = np.random.default_rng(0).random((100, 100, 4), np.float32)
        known: dict[str, Any] = {"array": array, "nm": np.linspace(400, 700, 4)}
        exec(compile(step.text, step.document, "exec"), known)  # noqa: S102  (the Python of the documents)
        return known
    text = RUN_AS.get(step.text, step.text).replace("{small}", SMALL)
    program, *arguments = shlex.split(text) if not text.startswith("eval") else ["eval"]
    if program == "hyperpoint" and arguments[0] == "studio":
        visit_studio(arguments)
    elif program == "hyperpoint":
        assert main(arguments) == 0, f"{step.document}: {text}"
    elif program == "mkdir":
        for folder in arguments[1:]:
            Path(folder).mkdir(exist_ok=True)
    else:
        run_in_shell(text)
    return {}


def visit_studio(arguments: list[str]) -> None:
    """Serve the studio until its page has been fetched once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "hyperpoint", *arguments, "--port", str(port), "--no-browser"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert server.stdout is not None
    try:
        assert any(f"127.0.0.1:{port}" in line for line in server.stdout), f"the studio ended: {arguments}"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as page:
            assert b"hyperpoint" in page.read()
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)
    assert server.returncode == 0


def run_in_shell(text: str) -> None:
    """Run the line that sets up completion, and see that it did."""
    assert text.startswith("eval"), f"no rule says how {text!r} is run"
    search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", "-c", f"{text}; complete -p hyperpoint"]
    done = subprocess.run(command, env={**os.environ, "PATH": search}, capture_output=True, text=True, check=True)
    assert "hyperpoint" in done.stdout
