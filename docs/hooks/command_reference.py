"""Writes the reference of all commands into docs/commands.md, from the commands themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import click

from hyperpoint.cli.common import add_common_options
from hyperpoint.cli.main import cli

PLACE = "<!-- all commands -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the reference where a page asks for it; called by MkDocs."""
    return markdown.replace(PLACE, reference()) if PLACE in markdown else markdown


def reference() -> str:
    """Return a section for each command: what it does, its usage, arguments, options and examples."""
    return "\n\n".join(_section(name, command) for name, command in commands())


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield each command with its name, subcommands after their group: ("datasets check", ...)."""
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", command.commands[sub]) for sub in sorted(command.commands))


def _section(name: str, command: click.Command) -> str:
    usage = " ".join(command.collect_usage_pieces(click.Context(command)))
    parts = [f"## {name}", f"```text\nhyperpoint {name} {usage}\n```", *_prose(command.help or "")]
    rows = [row for parameter in command.params for row in _row(parameter)]
    if rows:
        parts.append("\n".join(["| option | what it does |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def _prose(text: str) -> Iterator[str]:
    """Yield the paragraphs of a help text as Markdown; those that click would not wrap as they stand."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if not paragraph.startswith("\b"):
            yield _escaped(paragraph)
            continue
        lines = paragraph.removeprefix("\b").strip("\n").splitlines()
        if lines and re.fullmatch(r"\S.*:", lines[0]):
            yield f"{_escaped(lines[0])}"
            lines = lines[1:]
        language = "sh" if any(line.lstrip().startswith("hyperpoint ") for line in lines) else "text"
        yield f"```{language}\n{inspect.cleandoc(chr(10).join(lines))}\n```"


def _row(parameter: click.Parameter) -> Iterator[str]:
    """Yield the row of an option in the table; none for arguments and for what every command has."""
    if not isinstance(parameter, click.Option) or parameter.name in _COMMON:
        return
    record = parameter.get_help_record(click.Context(cli))
    if record is not None:
        names, text = record
        yield f"| <code>{_cell(names)}</code> | {_escaped(_cell(text))} |"


def _cell(text: str) -> str:
    """Return a text on one line and without what would end the cell of a table."""
    return " ".join(text.split()).replace("|", "&#124;")


def _escaped(text: str) -> str:
    """Return a text without marks of Markdown and HTML; options become code, what stands in `backticks` stays."""
    parts = re.split(r"(`[^`]*`)", re.sub(r"(?<![\w`-])--[a-z][a-z-]*(?!`)", r"`\g<0>`", text))
    return "".join(part if part.startswith("`") else re.sub(r"([*_<\[])", r"\\\1", part) for part in parts)


_COMMON = {option.name for option in add_common_options(click.Command("none")).params}
