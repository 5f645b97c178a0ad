from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.documents import ROOT, blocks
from tests.docs.stage import build


def _block(document: str, language: str) -> str:
    """Return the first block of a language in a document."""
    return next(one.text for one in blocks(ROOT / document) if one.language == language)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with small files of every kind that the documents name; to be copied."""
    folder = tmp_path_factory.mktemp("stage")
    build(folder, _block("docs/datasets.md", "toml"), _block("docs/howto/classes.md", "json"))
    return folder
