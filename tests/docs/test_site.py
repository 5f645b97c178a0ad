"""The site is built as `make docs` builds it, notebooks run, and asks nothing of the network."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from docs.hooks.command_reference import commands
from tests.docs.documents import ROOT

pytestmark = pytest.mark.slow

_TAGS = re.compile(r"<[^>]+>")
# What a browser fetches by itself when it opens a page.
_FETCHED = re.compile(r"""<(?:img|script|iframe|source)[^>]*\ssrc="([^"]+)|<link[^>]*rel="(?:stylesheet|icon)"[^>]*>""")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site."""
    pytest.importorskip("mkdocs")
    pytest.importorskip("lightning")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def text_of(page: Path) -> str:
    return unescape(_TAGS.sub("", page.read_text(encoding="utf-8")))


def test_nothing_is_fetched_from_elsewhere_and_nothing_is_missing(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 20
    num_pictures = 0
    for page in pages:
        for found in _FETCHED.finditer(page.read_text(encoding="utf-8")):
            target = found[1] or re.findall(r'href="([^"]+)', found[0])[0]
            assert "//" not in target, f"{page.name} fetches {target}"
            assert (page.parent / target.split("?")[0]).is_file() or page.name == "404.html", f"{page.name}: {target}"
            num_pictures += target.endswith(".png")
    assert num_pictures > 10
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(\"?(https?:)?//|@import", style.read_text(encoding="utf-8")), style.name


def test_every_command_has_its_section(site: Path) -> None:
    page = (site / "commands.html").read_text(encoding="utf-8")
    for name, command in commands():
        assert f'id="{name.replace(" ", "-")}"' in page, name
        assert command.get_short_help_str(20).split()[0] in page
    for option in ("--min-confidence", "--per-region", "--quantise"):
        assert f"<code>{option} " in page


def test_the_reference_says_what_is_returned(site: Path) -> None:
    text = text_of(site / "api.html")
    assert re.search(r"Returns:\s+Suggestions\s+–\s+Unlabelled positions on the rgb grid, the best first", text)


def test_the_notebook_on_annotating(site: Path) -> None:
    text = text_of(site / "notebooks" / "annotate.html")
    (miou,) = re.findall(r"mIoU ([\d.]+) %", text)
    assert float(miou) > 90
    assert len(list((site / "notebooks").glob("annotate-*.png"))) == 2
    assert (site / "notebooks" / "annotate.ipynb").is_file()


def test_the_notebook_on_training(site: Path) -> None:
    text = text_of(site / "notebooks" / "train.html")
    assert re.search(r"8 annotated, 0 kept, 0 failed; .* mIoU 9\d", text)
    assert "kept the network of step 60" in text
    accuracies = [float(one) for one in re.findall(r"accuracy ([\d.]+) %", text)]
    assert accuracies[-1] > 99.9  # ONNX and PyTorch give the same labels
