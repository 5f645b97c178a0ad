from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.catalog.dataset import load_dataset
from hyperpoint.io.images import write_png
from hyperpoint.io.masks import read_label_ids, write_mask
from hyperpoint.synth import synthesise

Run = Callable[..., tuple[int, str, str]]
DOCS = Path(__file__).parents[2] / "docs" / "datasets.md"


def test_every_data_set_is_listed_with_counts_and_terms(run: Run) -> None:
    status, out, _ = run("datasets")
    assert status == 0
    assert "lib-hsi: LIB-HSI" in out
    assert "44 classes in 9 groups, 27 of them scored; white reference: Whiteboard" in out
    assert "19 classes in 7 groups, 19 of them scored; no white reference in its labels" in out
    assert "scenes: 393 train, 45 validation, 75 test" in out
    assert "scenes: 1030 train, 276 test" in out
    assert out.count("  terms: ") == 2


def test_the_list_as_json(run: Run) -> None:
    status, out, _ = run("datasets", "--json")
    content = json.loads(out)
    assert (status, sorted(content)) == (0, ["hsicity2", "lib-hsi"])
    assert sum(content["lib-hsi"]["num_scenes"].values()) == 513
    assert sum(content["hsicity2"]["num_scenes"].values()) == 1306
    assert content["lib-hsi"]["classes"][0] == {
        "name": "Whiteboard", "color": [199, 197, 189], "group": 0, "scored": False
    }  # fmt: skip
    assert content["hsicity2"]["white_reference"] is None


def test_a_copy_in_order_exits_0(run: Run, tmp_path: Path) -> None:
    synthesise(tmp_path, "hsicity2", 2, (32, 40))
    status, out, _ = run("datasets", "check", "hsicity2", tmp_path)
    assert status == 0
    assert "1 train, 1 test scenes" in out
    assert "photos, rows x columns: 32 x 40 (2)" in out
    assert "note: 1 of the 1030 scenes" in out
    assert out.endswith("nothing is wrong\n")
    assert run("datasets", "check", "hsicity2", tmp_path, "--quiet") == (0, "", "")


def test_a_copy_with_faults_exits_1_and_names_them(run: Run, tmp_path: Path) -> None:
    synthesise(tmp_path, "hsicity2", 2, (32, 40))
    (label,) = tmp_path.glob("test/*_gray.png")
    label.unlink()
    status, out, _ = run("datasets", "check", "hsicity2", tmp_path)
    assert status == 1
    assert "wrong: test/0002 lacks its label image" in out
    assert out.endswith("1 thing is wrong\n")
    status, out, _ = run("datasets", "check", "hsicity2", tmp_path, "--json", "--quiet")
    content = json.loads(out)
    assert (status, len(content["problems"]), content["num_scenes"]) == (1, 1, {"train": 1, "test": 1})


def test_a_folder_that_is_no_copy_exits_2(run: Run, tmp_path: Path) -> None:
    status, out, err = run("datasets", "check", "lib-hsi", tmp_path)
    assert (status, out) == (2, "")
    assert "no scene of the split 'train'" in err
    assert run("datasets", "check", "cityscapes", tmp_path)[0] == 2


def write_captures(root: Path) -> None:
    """Two scenes in the layout of the TOML file that the docs show."""
    rng = np.random.default_rng(0)
    spectra = np.stack([np.linspace(0.1, 0.9, 12), np.linspace(0.9, 0.2, 12), np.ones(12)])
    for split, name in (("train", "a"), ("test", "b")):
        labels = np.zeros((60, 60), dtype=np.uint8)
        labels[:, 30:] = 1
        labels[:6, :6] = 2
        for folder in ("cubes", "photos", "masks"):
            (root / split / folder).mkdir(parents=True)
        cube = spectra[labels] + rng.normal(0, 0.01, (60, 60, 12))
        np.save(root / split / "cubes" / f"{name}.npy", cube.astype(np.float32))
        photo = np.array([[200, 80, 60], [80, 80, 90], [235, 235, 235]])[labels] + rng.integers(0, 20, (60, 60, 3))
        write_png(root / split / "photos" / f"{name}.png", photo.astype(np.uint8))
        write_mask(root / split / "masks" / f"{name}.png", labels)


def test_the_data_set_that_the_docs_describe_works_with_every_command_they_show(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = DOCS.read_text(encoding="utf-8")
    (description,) = re.findall(r"```toml\n(.*?)```", text, flags=re.S)
    (tmp_path / "roofs.toml").write_text(description, encoding="utf-8")
    write_captures(tmp_path / "captures")
    monkeypatch.chdir(tmp_path)
    dataset = load_dataset("roofs.toml")
    assert (dataset.unscored, dataset.white_reference, dataset.groups) == ((2,), 2, (0, 1, 0))
    (_, shell) = re.findall(r"```sh\n(.*?)```", text, flags=re.S)
    commands = shell.replace("\\\n", " ").strip().splitlines()
    assert len(commands) == 5
    for line in commands:
        status, _, err = run(*shlex.split(line)[1:])
        assert status == 0, (line, err)
    assert (read_label_ids("a.png") == read_label_ids("captures/train/masks/a.png")).mean() > 0.9
    assert Path("masks/a.png").exists()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('num_scenes = { train = 3, val = 1 }\nsplits = ["train"]', "num_scenes must give whole numbers"),
        ('num_scenes = { train = "many" }\nsplits = ["train"]', "num_scenes must give whole numbers"),
    ],
)
def test_a_malformed_description_is_told(run: Run, tmp_path: Path, line: str, message: str) -> None:
    (description,) = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), flags=re.S)
    path = tmp_path / "mine.toml"
    path.write_text(description.replace('splits = ["train", "test"]', line), encoding="utf-8")
    status, _, err = run("datasets", "check", path, tmp_path)
    assert status == 2
    assert message in err
