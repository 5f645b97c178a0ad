"""Lets docstrings say in plain sentences what a function returns, where numpydoc would read each line as a type."""

from __future__ import annotations

import re
from textwrap import indent
from typing import Any

import griffe

_SECTION = re.compile(r"^Returns\n-+\n(.+?)(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)


class ProseReturns(griffe.Extension):
    """Puts the type before the sentences of the section Returns of each docstring."""

    def on_function(self, *, func: griffe.Function, **_: Any) -> None:
        """Change the docstring of a function that was just read; called by griffe."""
        if func.docstring is not None and func.returns is not None:
            func.docstring.value = _SECTION.sub(
                lambda found: f"Returns\n-------\n{func.returns}\n{indent(found[1], '    ')}", func.docstring.value
            )
