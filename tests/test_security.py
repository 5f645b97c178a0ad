"""What no module of the package may do; docs/security.md says what is trusted instead."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

import hyperpoint

_PACKAGE = Path(hyperpoint.__file__).parent
# They make objects, and with them code, of what a file holds.
_UNPICKLING = {
    "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "jsonpickle", "marshal", "pandas", "pickle", "shelve",
}  # fmt: skip
# torch says by this exception that it refuses to unpickle.
_ALLOWED_IMPORTS = {("io/torch_files.py", "pickle", "UnpicklingError")}
_RUNNING = {"eval", "exec", "compile", "__import__"}
_OPENING = {
    "numpy.load": "io.numpy_files.read_npz, which looks at the sizes first",
    "np.load": "io.numpy_files.read_npz, which looks at the sizes first",
    "numpy.fromregex": "nothing",
    "yaml.load": "TOML",
    "os.system": "nothing",
    "os.popen": "nothing",
}


@cache
def _modules() -> list[tuple[str, ast.Module]]:
    paths = sorted(_PACKAGE.rglob("*.py"))
    return [(path.relative_to(_PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


@cache
def _calls() -> list[tuple[str, str, ast.Call]]:
    """Return every call: module and line, what is called as it is written there, and the call."""
    return [
        (f"{name}:{node.lineno}", ast.unparse(node.func), node)
        for name, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    ]


def _keyword(call: ast.Call, name: str) -> object:
    found = [one.value for one in call.keywords if one.arg == name]
    return found[0].value if found and isinstance(found[0], ast.Constant) else None


def test_the_package_is_looked_at() -> None:
    assert len(_modules()) > 100
    assert any(called == "torch.load" for _, called, _ in _calls())


def test_nothing_is_unpickled() -> None:
    found = set()
    for name, tree in _modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {(name, one.name.partition(".")[0], "") for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found |= {(name, node.module.partition(".")[0], one.name) for one in node.names}
    assert {one for one in found if one[1] in _UNPICKLING} == _ALLOWED_IMPORTS


def test_torchscript_which_is_code_is_loaded_by_its_writer_only() -> None:
    # To compare what has just been exported with the network itself.
    loading = {
        where.partition(":")[0] for where, called, _ in _calls() if called in ("torch.jit.load", "torch.export.load")
    }
    assert loading == {"segment/export.py"}


def test_torch_loads_tensors_only() -> None:
    loads = [(where, call) for where, called, call in _calls() if called == "torch.load"]
    assert loads
    assert [where for where, call in loads if _keyword(call, "weights_only") is not True] == []
    fits = [(where, call) for where, called, call in _calls() if any(one.arg == "ckpt_path" for one in call.keywords)]
    assert [where for where, call in fits if _keyword(call, "weights_only") is not True] == []


@pytest.mark.parametrize("word", sorted(_RUNNING))
def test_nothing_that_a_file_says_is_run(word: str) -> None:
    assert [where for where, called, _ in _calls() if called == word] == []


@pytest.mark.parametrize("function", sorted(_OPENING))
def test_what_opens_files_unseen_is_not_called(function: str) -> None:
    found = [where for where, called, _ in _calls() if called == function]
    assert found == [], f"use {_OPENING[function]}"


def test_no_shell_and_no_pickle_by_option() -> None:
    for where, called, call in _calls():
        assert _keyword(call, "shell") is not True, where
        assert _keyword(call, "allow_pickle") is not True, where
        # Dask and the pool of processes pickle between processes of ours; no file is read that way.
        assert not called.endswith((".read_pickle", ".to_pickle", "pickle.loads")), where
