"""Every command of the documents has a rule and only options that there are; what is not run here is checked."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from docs.hooks.command_reference import commands
from hyperpoint.cli.common import add_common_options
from hyperpoint.cli.inference import InferenceCommand, _joined
from tests.docs.documents import DOCUMENTS, ROOT, blocks, lines_of, listed_commands, name_of, typed, words_of
from tests.docs.rules import OTHERS, PARSED_ONLY, RUN_AS, SMALL

COMMANDS = {name: add_common_options(command) for name, command in commands()}
# Options of other programs that the documents name in prose: Dask, pytest, the benchmarks.
FOREIGN = {"--lifetime", "--benchmark-only", "--sets", "--help"}


def check(words: list[str]) -> None:
    """Hold a command against the options that it has.

    Raises
    ------
    click.UsageError
        If there is no such command, or it has no such option.
    """
    name, arguments = " ".join(words[1:3]), words[3:]
    if name not in COMMANDS:
        name, arguments = words[1], words[2:]
    if name in ("COMMAND", "--help"):
        return
    if name not in COMMANDS:
        raise click.UsageError(f"no such command {name!r}")
    command = COMMANDS[name]
    if arguments[-1:] and arguments[-1].startswith("--"):  # an option that is named without a value
        arguments = [*arguments, "VALUE"]
    arguments = _joined(arguments) if isinstance(command, InferenceCommand) else arguments
    command.make_parser(click.Context(command, info_name=name)).parse_args(arguments)


def all_commands() -> Iterator[tuple[str, list[str]]]:
    """Yield every command of hyperpoint in the documents and in its own help, with where it stands."""
    for path in DOCUMENTS:
        for one in typed(path):
            if one.text.startswith(("hyperpoint ", "sbatch ")):
                inner = shlex.split(one.text)[-1] if one.text.startswith("sbatch ") else one.text
                yield one.document, words_of(inner)
        for block in blocks(path):
            yield from ((block.document, words) for words in listed_commands(block))
    for name, command in COMMANDS.items():
        for line in lines_of(command.help or ""):
            if line.startswith("hyperpoint ") and "`" not in line:
                yield f"{name} --help", words_of(re.sub(r"\s+\(.*\)$", "", line))


def test_only_options_that_there_are() -> None:
    found = list(all_commands())
    assert len(found) > 150
    for where, words in found:
        try:
            check(words)
        except click.UsageError as error:
            pytest.fail(f"{where}: {' '.join(words)}: {error.format_message()}")
    for text in RUN_AS.values():
        check(words_of(text.replace("{small}", SMALL)))


@pytest.mark.parametrize(
    "text", ["hyperpoint anotate a.hdr", "hyperpoint annotate a.hdr --pints p.csv", "hyperpoint datasets --roots"]
)
def test_an_option_or_command_that_there_is_not(text: str) -> None:
    with pytest.raises(click.UsageError):
        check(words_of(text))


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_command_has_a_rule(path: Path) -> None:
    for one in typed(path):
        if one.text.startswith("hyperpoint "):
            # In a block a command is run as it stands; in a sentence it says how, or names a command and no more.
            is_ruled = one.is_block or one.text in {**RUN_AS, **PARSED_ONLY} or is_complete(one.text)
            assert is_ruled, f"{one.document}: add `{one.text}` to tests/docs/rules.py"
        else:
            assert one.text.startswith((*OTHERS, "mkdir -p ", "eval ")), f"{one.document}: no rule for {one.text!r}"


def is_complete(text: str) -> bool:
    """Say whether a command in a sentence names a command alone, or can be run as it stands: no CAPITALS to replace."""
    return not re.search(r"\b[A-Z]+\b|\.\.\.", text)


def test_no_rule_is_left_over() -> None:
    texts = [one.text for path in DOCUMENTS for one in typed(path)]
    assert set(RUN_AS) | set(PARSED_ONLY) <= set(texts)
    assert [start for start in OTHERS if not any(text.startswith(start) for text in texts)] == []


def test_what_is_not_run_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for text in (one.text for path in DOCUMENTS for one in typed(path)):
        if text.startswith("make "):
            assert f"\n{text.split()[1]}:" in makefile, text
        if text.startswith("pip install") and (named := re.search(r"\[(.*)\]", text)):
            assert set(named[1].split(",")) <= set(extras), text
        if found := re.search(r"python -m (benchmarks\.\w+)|pytest (benchmarks/\w+\.py)", text):
            file = ROOT / (found[2] or f"{found[1].replace('.', '/')}.py")
            assert file.is_file(), text
            options = re.findall(r"--[a-z-]+", text) if found[1] else []
            source = "".join(one.read_text() for one in file.parent.glob("*.py"))
            assert [option for option in options if f'"{option}"' not in source] == [], text


def test_options_in_sentences_exist() -> None:
    known = {name for command in COMMANDS.values() for param in command.params for name in param.opts}
    known |= {name for command in COMMANDS.values() for param in command.params for name in param.secondary_opts}
    for path in DOCUMENTS:
        prose = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        named = set(re.findall(r"`(--[a-z-]+)", prose))
        assert named - known - FOREIGN == set(), name_of(path)
