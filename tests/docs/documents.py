"""What README, CONTRIBUTING and docs/ tell their readers to type."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_PROGRAMS = re.compile(
    r"hyperpoint( |$)|(\w+=\S+ )*(make|python|pytest|pip|dask|sbatch|kubectl|mkdir|eval(?= .\$)|\.venv/bin/\S+) "
)


class Typed(NamedTuple):
    """A line to type, on one line and without its comment; `is_block` if it stands in a block of its own."""

    document: str
    text: str
    is_block: bool


class Block(NamedTuple):
    """A block of code."""

    document: str
    language: str
    text: str


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path) -> list[Block]:
    """Return the blocks of a document."""
    return [Block(name_of(path), *found.groups()) for found in _FENCED.finditer(path.read_text(encoding="utf-8"))]


def steps(path: Path) -> list[Typed | Block]:
    """Return what a document says to type, and its Python, in order: blocks, and code in sentences and tables."""
    text = path.read_text(encoding="utf-8")
    found: list[tuple[int, Typed | Block]] = []
    for block in _FENCED.finditer(text):
        if block[1] == "sh":
            found += [(block.start(), Typed(name_of(path), line, True)) for line in lines_of(block[2])]
        elif block[1] == "python":
            found.append((block.start(), Block(name_of(path), *block.groups())))
    prose = _FENCED.sub(lambda block: " " * len(block[0]), text)
    for code in _INLINE.finditer(prose):
        if _PROGRAMS.match(code[1]):
            found.append((code.start(), Typed(name_of(path), code[1].replace("\\|", "|"), False)))
    return [one for _, one in sorted(found, key=lambda place: place[0])]


def typed(path: Path) -> list[Typed]:
    """Return what a document says to type."""
    return [one for one in steps(path) if isinstance(one, Typed)]


def lines_of(block: str) -> Iterator[str]:
    """Yield the commands of a block: continued lines as one, without comments."""
    for line in re.sub(r"\\\n\s*", "", block).splitlines():
        command = re.sub(r"\s+#.*$", "", line).strip()
        if command and not command.startswith(("#", "(")):
            yield command


def listed_commands(block: Block) -> list[list[str]]:
    """Return commands that are spelled out as lists: args of YAML, and lists of Python, continued by `+=`."""
    if block.language == "yaml":
        lists = re.findall(r"args: \[(hyperpoint,.*?)\]", block.text, re.DOTALL)
        return [[word.strip().strip('"') for word in one.split(",")] for one in lists]
    if block.language != "python":
        return []
    words: list[str] = []
    for node in ast.walk(ast.parse(block.text)):
        if isinstance(node, ast.Assign | ast.AugAssign) and isinstance(node.value, ast.List):
            words += _constants(node.value)
    return [words] if words[:1] == ["hyperpoint"] else []


def _constants(node: ast.List) -> list[str]:
    return [str(one.value) if isinstance(one, ast.Constant) else "VALUE" for one in node.elts]


def words_of(text: str) -> list[str]:
    """Split a command as a shell does, what is optional in it included."""
    return shlex.split(re.sub(r"[\[\]](?=-|$|\s)", "", text))
