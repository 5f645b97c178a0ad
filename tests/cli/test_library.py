"""`hyperpoint library`, and `hyperpoint annotate --like`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.io.spectral_libraries import read_library, write_library
from hyperpoint.library import SpectralLibrary

Run = Callable[..., tuple[int, str, str]]

NM = np.linspace(400, 950, 12)
RISING, FALLING = (np.linspace(a, 1 - a, 12, dtype=np.float32) for a in (0.1, 0.9))


@pytest.fixture
def earlier(run: Run, files: Path) -> Path:
    """The folder `masks`, in which the scene of `files` has been annotated as old.png."""
    (files / "masks").mkdir()
    status, _, err = run(
        "annotate", files / "cube.npz", "--rgb", files / "rgb.png", "--points", files / "points.csv",
        "--out", files / "masks/old.png",
    )  # fmt: skip
    assert status == 0, err
    return files / "masks"


@pytest.fixture
def new_scene(files: Path) -> Path:
    """The folder of another scene, of half the resolution and another unit: new.npz and new.csv."""
    with np.load(files / "cube.npz") as stored:
        cube = stored["cube"][::2, ::2] * np.linspace(300, 500, 12)
    np.savez(files / "new.npz", cube=cube.astype(np.float32), wavelengths=NM)
    (files / "new.csv").write_text("row,col,label\n2,50,sky\n40,3,wall\n")
    return files


def test_from_a_folder_of_annotations(run: Run, files: Path, earlier: Path) -> None:
    status, out, err = run("library", earlier, "--out", files / "lib.npz")
    assert (status, err) == (0, "")
    library = read_library(files / "lib.npz")
    assert library.names == ("wall", "sky")
    assert library.labels.tolist() == [0, 0, 1, 1]
    with np.load(files / "cube.npz") as stored:
        np.testing.assert_array_equal(library.spectra[0], stored["cube"][5, 5])
    np.testing.assert_allclose(np.asarray(library.wavelengths), NM)
    assert "4 spectra of 1 scenes, 12 bands, 400..950 nm" in out
    assert "wall" in out


def test_from_a_scene_another_library_and_a_provenance_file(run: Run, files: Path, earlier: Path) -> None:
    scene = ("--scene", files / "cube.npz", files / "points.csv")
    assert run("library", *scene, "--bands", "400:800", "--out", files / "one.csv")[0] == 0
    status, out, err = run("library", files / "one.csv", earlier / "old.json", "--out", files / "two.npz")
    assert status == 0, err
    library = read_library(files / "two.npz")
    assert (len(library), library.num_scenes, library.spectra.shape[1]) == (4, 1, 9)  # the same scene, told twice
    assert "4 spectra of 1 scenes" in out
    write_library(files / "other.npz", SpectralLibrary(RISING[None], np.array([0]), NM, names=("roof",)))
    assert run("library", files / "one.csv", files / "other.npz", "--out", files / "two.npz")[0] == 0
    assert read_library(files / "two.npz").names == ("wall", "sky", "roof")


def test_a_class_table_chooses_and_renumbers(run: Run, files: Path, earlier: Path) -> None:
    (files / "one.json").write_text('[{"name": "Sky", "color": [0, 0, 255]}]')
    assert run("library", earlier, "--classes", files / "one.json", "--out", files / "lib.npz")[0] == 0
    library = read_library(files / "lib.npz")
    assert library.labels.tolist() == [0, 0]
    assert library.names == ("Sky",)


@pytest.mark.parametrize("like", ["masks", "masks/old.json", "lib.npz"])
def test_annotate_like_earlier_scenes(run: Run, earlier: Path, new_scene: Path, like: str) -> None:
    assert run("library", earlier, "--out", new_scene / "lib.npz")[0] == 0
    status, out, err = run(
        "annotate", new_scene / "new.npz", "--points", new_scene / "new.csv", "--recipe", "best",
        "--like", new_scene / like, "--out", new_scene / "new.png",
    )  # fmt: skip
    assert status == 0, err
    facts = json.loads((new_scene / "new.json").read_text())
    assert facts["library"]["num_spectra"] == 4
    assert facts["library"]["weight"] > 0.05  # the names decide: "sky" is 1 there and 0 here
    assert facts["library"]["fingerprint"].startswith("sha256:")
    assert facts["inputs"]["like"] == [str(new_scene / like)]
    assert "4 spectra of 1 earlier scenes" in out


def test_like_may_be_given_several_times(run: Run, earlier: Path, new_scene: Path) -> None:
    write_library(new_scene / "lib.csv", SpectralLibrary(RISING[None], np.array([0]), NM, names=("wall",)))
    status, _, err = run(
        "annotate", new_scene / "new.npz", "--points", new_scene / "new.csv", "--recipe", "best",
        "--like", earlier, "--like", new_scene / "lib.csv", "--out", new_scene / "new.png",
    )  # fmt: skip
    assert status == 0, err
    facts = json.loads((new_scene / "new.json").read_text())["library"]
    assert (facts["num_spectra"], facts["num_scenes"]) == (5, 2)


def test_a_scene_does_not_learn_from_its_own_earlier_points(run: Run, files: Path, earlier: Path) -> None:
    again = ("annotate", files / "cube.npz", "--points", files / "points.csv", "--recipe", "best")
    status, _, err = run(*again, "--like", earlier, "--out", files / "again.png")
    assert (status, "no earlier scene's spectrum" in err) == (2, True)
    assert not (files / "again.png").exists()


def test_moved_and_changed_inputs(run: Run, files: Path, earlier: Path, tmp_path: Path) -> None:
    """Points and cube are also found beside the provenance; that they have changed is said; that they are gone, too."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("cube.npz", "rgb.png", "masks/old.json"):
        shutil.move(files / name, elsewhere)
    (files / "points.csv").unlink()
    (elsewhere / "points.csv").write_text("row,col,label\n5,5,wall\n9,90,sky\n")
    status, out, err = run("library", elsewhere, "--out", files / "lib.npz")
    assert status == 0, err
    assert "points.csv has changed" in err
    assert "2 spectra" in out
    (elsewhere / "points.csv").unlink()
    status, _, err = run("library", elsewhere, "--out", files / "lib.npz")
    assert (status, "points.csv, which is no longer there" in err) == (2, True)


@pytest.mark.parametrize("name", ["lib.npz", "lib.csv"])
def test_a_library_written_among_its_sources_does_not_grow(run: Run, earlier: Path, name: str) -> None:
    assert run("library", earlier, "--out", earlier / "copy.npz")[0] == 0
    for _ in range(3):
        status, out, err = run("library", earlier, "--out", earlier / name)
        assert (status, err) == (0, "")
        assert "4 spectra of 1 scenes" in out


@pytest.mark.parametrize("name", ["lib.npz", "lib.csv"])
def test_a_scene_does_not_learn_from_its_own_points_in_a_library(
    run: Run, files: Path, earlier: Path, new_scene: Path, name: str
) -> None:
    scene = ("--scene", new_scene / "new.npz", new_scene / "new.csv")
    assert run("library", earlier, *scene, "--out", earlier / name)[0] == 0
    arguments = ("annotate", files / "cube.npz", "--points", files / "points.csv", "--like", earlier)
    status, out, err = run(*arguments, "--out", files / "again.png")
    assert status == 0, err
    assert "2 spectra of 1 earlier scenes" in out


def test_names_on_one_side_only_are_not_taken_for_ids(run: Run, files: Path, earlier: Path, new_scene: Path) -> None:
    ids = new_scene / "ids.csv"
    ids.write_text("row,col,label\n2,50,0\n40,3,1\n")
    arguments = ("annotate", new_scene / "new.npz", "--out", new_scene / "new.png", "--points")
    for like in (earlier, earlier / "old.json"):
        status, _, err = run(*arguments, ids, "--like", like)
        assert (status, "names its classes and the points have only ids" in err, "--classes" in err) == (2, True, True)
    table = ("--classes", files / "classes.json")
    assert run(*arguments, ids, "--like", earlier, *table)[0] == 0

    library = SpectralLibrary(np.stack([RISING, FALLING]), np.array([1, 0]), NM)
    write_library(new_scene / "ids.npz", library)
    status, _, err = run(*arguments, new_scene / "new.csv", "--like", new_scene / "ids.npz")
    assert (status, "has only class ids" in err, "--classes" in err) == (2, True, True)
    status, out, err = run(*arguments, new_scene / "new.csv", "--like", new_scene / "ids.npz", *table)
    assert (status, err) == (0, "")
    assert "2 spectra of 1 earlier scenes" in out


@pytest.fixture
def rubbish(earlier: Path) -> Path:
    """The folder `masks` with files beside the annotation that are no libraries, or broken ones."""
    (earlier / "text.npz").write_text("no archive")
    whole = earlier / "whole.npz"
    np.savez(whole, spectra=np.ones((2, 3)), labels=np.zeros(2))
    (earlier / "short.npz").write_bytes(whole.read_bytes()[:100])
    whole.unlink()
    np.save(earlier / "array.npy", np.zeros(3))
    (earlier / "array.npy").rename(earlier / "array.npz")
    (earlier / "empty.csv").write_bytes(b"")
    (earlier / "deep.json").write_text("[" * 100_000)
    (earlier / "long.json").write_text("1" * 10_000)
    (earlier / "odd.json").write_text('{"inputs": {"cube": {"path": 5}, "points": null, "rotate": "a"}}')
    for name in ("folder.json", "folder.npz", "folder.csv", "folder.sli"):
        (earlier / name).mkdir()
    return earlier


def test_what_is_no_library_in_a_folder_is_no_trouble(run: Run, files: Path, rubbish: Path) -> None:
    status, out, err = run("library", rubbish, "--out", files / "lib.npz")
    assert (status, err) == (0, "")
    assert "4 spectra of 1 scenes" in out


@pytest.mark.parametrize(
    "name", ["text.npz", "short.npz", "array.npz", "empty.csv", "deep.json", "long.json", "odd.json"]
)
def test_what_is_no_library_is_refused_by_name(run: Run, files: Path, rubbish: Path, name: str) -> None:
    status, _, err = run("library", rubbish / name, "--out", files / "lib.npz")
    assert (status, name in err, err.count("\n")) == (2, True, 1)


def test_what_cannot_be_used_in_a_folder_is_passed_over_aloud(run: Run, earlier: Path, new_scene: Path) -> None:
    """A library of other classes, and an annotation whose points are gone: unless nothing else is there."""
    (earlier / "other.csv").write_text("label,450,550,650\nlava,1,2,3\n")
    facts = json.loads((earlier / "old.json").read_text())
    facts["inputs"]["points"] = {"path": "gone.csv", "fingerprint": "sha256:0"}
    (earlier / "gone.json").write_text(json.dumps(facts))
    arguments = ("annotate", new_scene / "new.npz", "--points", new_scene / "new.csv", "--out", new_scene / "new.png")
    status, out, err = run(*arguments, "--like", earlier)
    assert (status, err.count("\n"), err.count("is passed over")) == (0, 2, 2)
    assert "other.csv is passed over" in err
    assert "gone.csv, which is no longer there" in err
    assert "4 spectra of 1 earlier scenes" in out
    status, _, err = run(*arguments, "--like", earlier, "--like", earlier / "other.csv")
    assert (status, "holds no spectrum of a class that is asked for" in err) == (2, True)
    (earlier / "old.json").unlink()
    status, _, err = run(*arguments, "--like", earlier)
    assert (status, err.count("\n"), "gone.csv" in err) == (2, 1, True)


@pytest.mark.parametrize("names", [True, False])
def test_a_class_table_keeps_its_classes_of_a_scene(run: Run, files: Path, names: bool) -> None:
    labels = ("wall", "sky", "sky") if names else (1, 0, 2)
    lines = [f"{5 + 20 * i},90,{label}\n" for i, label in enumerate(labels)]
    (files / "some.csv").write_text("row,col,label\n" + "".join(lines))
    (files / "one.json").write_text('[{"name": "Sky", "color": [0, 0, 255]}]')
    scene = ("--scene", files / "cube.npz", files / "some.csv")
    status, _, err = run("library", *scene, "--classes", files / "one.json", "--out", files / "lib.npz")
    assert (status, err) == (0, "")
    library = read_library(files / "lib.npz")
    assert library.names == ("Sky",)
    assert library.labels.tolist() == ([0, 0] if names else [0])
    (files / "none.json").write_text('[{"name": "lava", "color": [0, 0, 255]}]')
    if names:
        status, _, err = run("library", *scene, "--classes", files / "none.json", "--out", files / "lib.npz")
        assert (status, "no class in common" in err) == (2, True)
    status, _, err = run("library", "--scene", files / "cube.npz", files / "rgb.png", "--classes", files / "one.json",
                         "--out", files / "lib.npz")  # fmt: skip
    assert (status, "have a colour that is in no class" in err) == (2, True)  # not what the second attempt says


@pytest.mark.parametrize("like", ["masks", "masks/old.json"])
def test_an_annotation_that_is_learned_from_is_not_overwritten(
    run: Run, earlier: Path, new_scene: Path, like: str
) -> None:
    before = {path: path.read_bytes() for path in earlier.iterdir()}
    arguments = ("annotate", new_scene / "new.npz", "--points", new_scene / "new.csv", "--like", new_scene / like)
    status, _, err = run(*arguments, "--out", earlier / "old.png")
    assert (status, "would be overwritten" in err) == (2, True)
    assert {path: path.read_bytes() for path in earlier.iterdir()} == before


def test_a_scene_may_be_annotated_anew_among_those_it_learns_from(run: Run, earlier: Path, new_scene: Path) -> None:
    arguments = ("annotate", new_scene / "new.npz", "--points", new_scene / "new.csv", "--like", earlier)
    for _ in range(2):
        status, out, err = run(*arguments, "--out", earlier / "new.png")
        assert (status, err) == (0, "")
        assert "4 spectra of 1 earlier scenes" in out


def test_a_cube_of_an_earlier_annotation_is_not_overwritten(run: Run, files: Path, earlier: Path) -> None:
    before = (files / "cube.npz").read_bytes()
    status, _, err = run("library", earlier, "--out", files / "cube.npz")
    assert (status, "would be overwritten" in err) == (2, True)
    assert (files / "cube.npz").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "annotations or libraries"),
        (["nowhere"], "nowhere does not exist"),
        (["empty"], "neither spectral libraries nor annotations"),
        (["classes.json"], "not the provenance of an annotation"),
        (["rgb.png"], "no spectral library"),
        (["cube.npz"], "no array labels and no spectra"),
        (["--scene", "cube.npz", "gone.csv"], "gone.csv"),
        (["--scene", "cube.npz", "points.csv", "--scene", "cube.npz", "points.csv", "--rgb", "rgb.png"], "one scene"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    run: Run, files: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], complaint: str
) -> None:
    monkeypatch.chdir(files)
    Path("empty").mkdir()
    before = sorted(files.rglob("*"))
    status, out, err = run("library", *arguments, "--out", "lib.npz")
    assert (status, out) == (2, "")
    assert complaint in err
    assert err.count("\n") == 1
    assert sorted(files.rglob("*")) == before


def test_out_must_be_a_library_and_no_input(run: Run, files: Path, earlier: Path) -> None:
    assert "end in .npz or .csv" in run("library", earlier, "--out", files / "lib.sli")[2]
    scene = ("--scene", files / "cube.npz", files / "points.csv")
    status, _, err = run("library", *scene, "--out", files / "points.csv")
    assert (status, "would be overwritten" in err) == (2, True)


def test_a_recipe_that_cannot_use_a_library_says_so(run: Run, earlier: Path, new_scene: Path) -> None:
    status, _, err = run(
        "annotate", new_scene / "new.npz", "--points", new_scene / "new.csv", "--recipe", "paper-svm",
        "--like", earlier, "--out", new_scene / "new.png",
    )  # fmt: skip
    assert (status, "cannot use a spectral library" in err) == (2, True)
    assert not (new_scene / "new.png").exists()


def test_a_library_without_a_common_band(run: Run, new_scene: Path) -> None:
    library = SpectralLibrary(np.stack([RISING, FALLING]), np.array([0, 1]), NM + 1000, names=("wall", "sky"))
    write_library(new_scene / "lib.npz", library)
    status, _, err = run(
        "annotate", new_scene / "new.npz", "--points", new_scene / "new.csv", "--recipe", "best",
        "--like", new_scene / "lib.npz", "--out", new_scene / "new.png",
    )  # fmt: skip
    assert (status, "share 0 bands" in err) == (2, True)
