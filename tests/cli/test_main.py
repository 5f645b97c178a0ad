"""The command line as a whole: help, errors, exit statuses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from hyperpoint.cli.main import COMMANDS


def test_version(run: Callable[..., tuple[int, str, str]]) -> None:
    status, out, _ = run("--version")
    assert status == 0
    assert out.startswith("hyperpoint 0.")


def test_help_lists_every_command(run: Callable[..., tuple[int, str, str]]) -> None:
    status, out, _ = run("--help")
    assert status == 0
    for name in COMMANDS:
        assert f"\n  {name} " in out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_the_common_options(run: Callable[..., tuple[int, str, str]], name: str) -> None:
    status, out, _ = run(name, "--help")
    assert status == 0
    for option in ("--threads", "--quiet", "--verbose", "--debug"):
        assert option in out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["inspect"], "Missing argument 'CUBE'"),
        (["inspect", "/nowhere/cube.hdr"], "/nowhere/cube.hdr"),
        (["--threads", "0", "recipes"], "0 is not in the range"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    run: Callable[..., tuple[int, str, str]], arguments: list[str], complaint: str
) -> None:
    status, out, err = run(*arguments)
    assert status == 2
    assert out == ""
    assert complaint in err
    assert err.count("\n") == 1


def test_debug_shows_where_it_arose(run: Callable[..., tuple[int, str, str]]) -> None:
    with pytest.raises(FileNotFoundError):
        run("inspect", "/nowhere/cube.hdr", "--debug")


def test_importing_the_package_or_the_help_loads_no_heavy_library() -> None:
    code = (
        "import sys, hyperpoint, hyperpoint.cli.main\n"
        "hyperpoint.cli.main.main(['--help'])\n"
        "assert not {'torch', 'sklearn', 'cv2', 'scipy', 'rich'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_annotating_with_an_svm_does_not_load_torch() -> None:
    code = "import sys, hyperpoint; hyperpoint.annotate, hyperpoint.open_scene; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(run: Callable[..., tuple[int, str, str]], shell: str) -> None:
    status, out, _ = run("completion", shell)
    assert status == 0
    assert "_HYPERPOINT_COMPLETE" in out


def test_recipes(run: Callable[..., tuple[int, str, str]]) -> None:
    import json

    assert "paper-svm " in run("recipes")[1]
    assert json.loads(run("recipes", "--json")[1])["paper-svm"]["region_size"] == 50


def test_doctor(run: Callable[..., tuple[int, str, str]]) -> None:
    import json

    facts = json.loads(run("doctor", "--json")[1])
    assert {"python", "versions", "extras", "threads", "memory", "accelerator", "browser"} <= set(facts)
    assert facts["threads"]["cores"] >= 1
    assert "memory" in run("doctor")[1]
