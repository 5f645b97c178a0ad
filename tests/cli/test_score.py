from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperpoint.io.classes import write_classes
from hyperpoint.io.images import write_png
from hyperpoint.io.masks import write_mask
from hyperpoint.types import ClassTable

Run = Callable[..., tuple[int, str, str]]
TABLE = ClassTable(("wall", "door"), ((200, 80, 60), (0, 0, 255)))
TRUTH = np.array([[0, 0, 0, 1], [1, 1, 255, 255]], np.uint8)
GUESS = np.array([[0, 0, 255, 1], [0, 1, 0, 1]], np.uint8)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, masks in (("truth", (TRUTH, TRUTH.T)), ("guess", (GUESS, TRUTH.T))):
        (tmp_path / name).mkdir()
        for number, mask in enumerate(masks):
            write_mask(tmp_path / name / f"{number}.png", np.ascontiguousarray(mask))
    write_classes(tmp_path / "c.json", TABLE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def score(run: Run, *arguments: str) -> dict[str, Any]:
    status, out, err = run("score", *arguments, "--json")
    assert (status, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def test_two_masks(run: Run, folder: Path) -> None:
    found = score(run, "guess/0.png", "truth/0.png", "--classes", "c.json")
    assert found["accuracy"] == pytest.approx(4 / 6)
    assert found["coverage"] == pytest.approx(5 / 6)
    assert found["miou"] == pytest.approx((2 / 4 + 2 / 3) / 2)
    assert [(one["id"], one["name"], one["support"]) for one in found["per_class"]] == [(0, "wall", 3), (1, "door", 3)]
    assert (found["num_pixels"], found["num_images"]) == (6, 1)


def test_two_folders_are_pooled(run: Run, folder: Path) -> None:
    found = score(run, "guess", "truth")
    assert found["accuracy"] == pytest.approx(10 / 12)
    assert found["num_images"] == 2
    assert "name" not in found["per_class"][0]


def test_what_lies_beside_the_masks_is_passed_over(run: Run, folder: Path) -> None:
    write_png(folder / "guess" / "0_preview.png", np.zeros((2, 4, 3), np.uint8))
    write_png(folder / "guess" / "0_confidence.png", np.zeros((2, 4), np.uint16))
    write_png(folder / "guess" / "0_overlay.png", np.zeros((2, 4, 3), np.uint8))
    (folder / "guess" / "0.json").write_text("{}")
    (folder / "truth" / "._0.png").write_bytes(b"junk")
    assert score(run, "guess", "truth")["num_images"] == 2


def test_a_truth_in_colours(run: Run, folder: Path) -> None:
    write_png(folder / "colours.png", TABLE.palette()[TRUTH])
    assert score(run, "guess/0.png", "colours.png", "--classes", "c.json") == score(
        run, "guess/0.png", "truth/0.png", "--classes", "c.json"
    )


def test_the_table_for_people(run: Run, folder: Path) -> None:
    write_mask(folder / "guess" / "0.png", np.array([[0, 0, 255, 1], [2, 1, 0, 1]], np.uint8))
    write_classes(folder / "c.json", ClassTable((*TABLE.names, "roof"), (*TABLE.colors, (1, 2, 3))))
    status, text, _ = run("score", "guess/0.png", "truth/0.png", "--classes", "c.json")
    assert status == 0
    assert "0 wall" in text
    assert "66.67 %" in text
    assert "coverage 83.33 %" in text
    assert text.split("2 roof")[1].split()[:3] == ["-", "-", "0"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["guess/0.png", "truth/1.png"], "guess/0.png against truth/1.png: prediction and truth must be equally large"),
        (["guess/0.png", "no.png"], "the mask no.png does not exist"),
        (["guess", "truth/0.png"], "give two masks or two folders"),
        (["guess", "more"], "2 masks have no counterpart in the other folder: no 2 in guess; no 1 in more"),
        (["empty", "empty"], "hold no masks"),
        (["guess/0.png", "blank.png"], "nothing to score: every pixel of blank.png is unlabelled"),
        (["guess/0.png", "seven.png", "--classes", "c.json"], "the truth holds class 7, but the classes are 0 to 1"),
        (["guess/0.png", "rgb.png"], "is in colours"),
    ],
)
def test_bad_input_is_one_line_and_status_2(run: Run, folder: Path, arguments: list[str], message: str) -> None:
    for name in ("more", "empty"):
        (folder / name).mkdir()
    write_mask(folder / "more" / "0.png", TRUTH)
    write_mask(folder / "more" / "2.png", TRUTH)
    write_mask(folder / "blank.png", np.full_like(TRUTH, 255))
    write_mask(folder / "seven.png", np.full_like(TRUTH, 7))
    write_png(folder / "rgb.png", np.zeros((2, 4, 3), np.uint8))
    status, out, err = run("score", *arguments, "--json")
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_help_teaches_with_an_example(run: Run) -> None:
    assert "hyperpoint score mask.png truth.png" in run("score", "--help")[1]
