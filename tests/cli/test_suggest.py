"""`hyperpoint suggest`: what it prints and writes, and that it writes nothing when the input is bad."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

Run = Callable[..., tuple[int, str, str]]


def test_prints_a_list_and_writes_a_file_to_fill_in(run: Run, files: Path) -> None:
    status, out, err = run(
        "suggest", files / "cube.npz", "--rgb", files / "rgb.png", "--points", files / "points.csv", "--num", 3,
        "--out", files / "next.csv", "--preview", files / "next.png",
    )  # fmt: skip
    assert (status, err) == (0, "")
    assert "wall" in out
    assert len(out.strip().splitlines()) == 4
    with (files / "next.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 3
    assert {row["label"] for row in rows} == {""}
    assert all(row["reason"] for row in rows)
    with Image.open(files / "next.png") as picture, Image.open(files / "rgb.png") as rgb:
        assert picture.size == rgb.size
        assert (np.asarray(picture) != np.asarray(rgb)).any()


def test_answers_can_be_added_to_the_points(run: Run, files: Path) -> None:
    arguments = ("suggest", files / "cube.npz", "--points")
    assert run(*arguments, files / "points.csv", "--out", files / "next.csv", "-q") == (0, "", "")
    with (files / "next.csv").open(newline="") as stream:
        answered = [f"{r['row']},{r['col']},{'wall' if int(r['col']) < 60 else 'sky'}" for r in csv.DictReader(stream)]
    (files / "more.csv").write_text((files / "points.csv").read_text() + "\n".join(answered) + "\n")
    status, out, _ = run(*arguments, files / "more.csv", "--json")
    assert status == 0
    found = json.loads(out)
    assert found["num_labelled_points"] == 4 + 5
    asked = {(entry["row"], entry["col"]) for entry in found["suggestions"]}
    assert len(asked) == 5
    assert not asked & {tuple(map(int, line.split(",")[:2])) for line in answered}


@pytest.mark.parametrize("recipe", ("best", "paper-svm"))
def test_json_is_one_object_whatever_the_recipe(run: Run, files: Path, recipe: str) -> None:
    status, out, _ = run(
        "suggest", files / "cube.npz", "--points", files / "points.csv", "--recipe", recipe, "--num", 2, "--json"
    )
    assert status == 0
    found = json.loads(out)
    assert found["recipe"] == recipe
    for entry in found["suggestions"]:
        assert 0 <= entry["row"] < 100
        assert 0 <= entry["col"] < 120
        assert isinstance(entry["reason"], str)


def test_help_teaches(run: Run) -> None:
    status, out, _ = run("suggest", "--help")
    assert status == 0
    assert "Examples" in out
    assert "--preview" in out


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (["--out", "next.png"], "must end in .csv"),
        (["--out", "points.csv"], "one of the inputs"),
        (["--out", "nowhere/next.csv"], "nowhere"),
        (["--preview", "next.jpg"], "must end in .png"),
        (["--preview", "rgb.png"], "one of the inputs"),
        (["--num", "0"], "0"),
        (["--recipe", "magic"], "unknown recipe"),
        (["--like", "nowhere"], "nowhere does not exist"),
        (["--like", "rgb.png"], "no spectral library"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    run: Run, files: Path, monkeypatch: pytest.MonkeyPatch, more: list[str], complaint: str
) -> None:
    monkeypatch.chdir(files)
    before = {path: path.read_bytes() for path in files.iterdir()}
    status, out, err = run("suggest", "cube.npz", "--rgb", "rgb.png", "--points", "points.csv", *more)
    assert (status, out) == (2, "")
    assert complaint in err
    assert err.count("\n") == 1
    assert {path: path.read_bytes() for path in files.iterdir()} == before


@pytest.mark.parametrize("like", ["masks", "masks/old.json", "lib.csv"])
def test_like_earlier_scenes(run: Run, files: Path, like: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library reaches `suggest`, without the scene's own earlier points."""
    from hyperpoint.annotation import suggestion
    from hyperpoint.annotation.suggestion import suggest

    given = []

    def spied(*arguments: Any, **options: Any) -> Any:
        given.append(options["library"])
        return suggest(*arguments, **options)

    monkeypatch.setattr(suggestion, "suggest", spied)
    with np.load(files / "cube.npz") as stored:
        np.savez(files / "old.npz", cube=stored["cube"] * 2, wavelengths=stored["wavelengths"])
    (files / "masks").mkdir()
    for cube, mask in (("old.npz", "old.png"), ("cube.npz", "own.png")):
        made = run("annotate", files / cube, "--points", files / "points.csv", "--out", files / "masks" / mask)
        assert made[0] == 0
    assert run("library", files / "masks", "--out", files / "lib.csv")[0] == 0
    arguments = (files / "cube.npz", "--points", files / "points.csv")
    status, out, err = run("suggest", *arguments, "--like", files / like, "--num", 2, "--json")
    assert (status, err) == (0, "")
    assert len(json.loads(out)["suggestions"]) == 2
    assert [len(library) for library in given] == [4]
    assert run("suggest", *arguments, "--json")[0] == 0
    assert given[1] is None
    status, _, err = run("suggest", *arguments, "--like", files / "lib.csv", "--out", files / "lib.csv")
    assert (status, "one of the inputs" in err) == (2, True)
    status, _, err = run("suggest", *arguments, "--like", files, "--out", files / "lib.csv")
    assert (status, "would be overwritten" in err) == (2, True)
