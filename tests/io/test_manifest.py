from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperpoint.errors import ClassTableError, InputError, MissingFileError
from hyperpoint.io.classes import write_classes
from hyperpoint.io.manifest import ManifestRow, check_rows, read_manifest, write_manifest
from hyperpoint.types import ClassTable

TABLE = ClassTable(("wall", "door"), ((200, 80, 60), (0, 0, 255)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a.jpg, b.jpg, a.png, b.png, a.hdr, c.png (all empty) and classes.json."""
    for name in ("a.jpg", "b.jpg", "a.png", "b.png", "a.hdr", "c.png"):
        (tmp_path / name).touch()
    write_classes(tmp_path / "classes.json", TABLE)
    return tmp_path


def write(folder: Path, *lines: str) -> Path:
    (folder / "m.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "m.csv"


def test_paths_count_from_the_manifest(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "id,split,image,label", "1,train,a.jpg,a.png", f"2,val,{folder / 'b.jpg'},")
    monkeypatch.chdir(folder.parent)
    manifest = read_manifest(Path(folder.name) / "m.csv")
    assert manifest.path == folder / "m.csv"
    assert manifest.rows == (
        ManifestRow("1", "train", folder / "a.jpg", folder / "a.png"),
        ManifestRow("2", "val", folder / "b.jpg", None),
    )
    assert (manifest.classes, manifest.splits) == (TABLE, ["train", "val"])
    assert manifest.of_split("val") == manifest.rows[1:]


def test_what_is_written_is_read_again(folder: Path) -> None:
    rows = (
        ManifestRow("1", "train", folder / "a.jpg", folder / "a.png", folder / "a.hdr", folder / "c.png", 270),
        ManifestRow("2, or so", "test", folder / "b.jpg", folder / "b.png"),
    )
    (folder / "deep").mkdir()
    path = write_manifest(folder / "deep" / "m.csv", rows, TABLE)
    assert path.read_text().splitlines() == [
        "id,split,image,label,cube,rotate,confidence",
        "1,train,../a.jpg,../a.png,../a.hdr,270,../c.png",
        '"2, or so",test,../b.jpg,../b.png,,0,',
    ]
    read = read_manifest(path)
    assert read.rows[0].image.resolve() == folder / "a.jpg"
    assert [(row.id, row.split, row.rotate) for row in read.rows] == [("1", "train", 270), ("2, or so", "test", 0)]
    assert (read.rows[0].cube or Path()).samefile(folder / "a.hdr")
    assert (read.rows[1].cube, read.rows[1].confidence, read.classes) == (None, None, TABLE)
    assert sorted(one.name for one in (folder / "deep").iterdir()) == ["classes.json", "m.csv"]


def test_optional_columns_are_left_out_where_no_row_needs_them(folder: Path) -> None:
    path = write_manifest(folder / "m.csv", [ManifestRow("1", "train", folder / "a.jpg", folder / "a.png")], TABLE)
    assert path.read_text() == "id,split,image,label\n1,train,a.jpg,a.png\n"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["id,split,image", "1,train,a.jpg"], "lacks the column label in its first line"),
        (["id,split,image,label,weight", "1,train,a.jpg,a.png,3"], "the unknown column 'weight'"),
        (["id,split,image,label,label", "1,train,a.jpg,a.png,a.png"], "names a column twice"),
        (["id,split,image,label", "1,train,a.jpg"], "m.csv, line 2: a row must have as many cells"),
        (["id,split,image,label", "1,train,,a.png"], "line 2: image must not be empty"),
        (["id,split,image,label,rotate", "1,train,a.jpg,a.png,45"], "rotate must be one of 0, 90, 180, 270; got '45'"),
        (["id,split,image,label", "1,train,a.jpg,a.png", "1,test,b.jpg,b.png"], "in two splits, 'train' and 'test'"),
        (["id,split,image,label", "1,train,a.jpg,a.png", "1,train,b.jpg,b.png"], "stands twice in the split 'train'"),
        (
            ["id,split,image,label", "1,train,a.jpg,a.png", "2,val,./a.jpg,a.png"],
            r"a.jpg \(ids '1' and '2'\) is in two",
        ),
        (["id,split,image,label"], "at least one image"),
        ([""], "lacks the column id, split, image, label"),
        (["id,split,image,label", '1,train,"a.jpg'], "is not CSV"),
    ],
)
def test_a_malformed_manifest_is_told(folder: Path, lines: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_manifest(write(folder, *lines))


@pytest.mark.parametrize("odd", ["../x", "a/b", "a\\b", "..", "a\u0007b"])
def test_an_id_must_be_fit_for_a_file(folder: Path, odd: str) -> None:
    path = write(folder, "id,split,image,label", f"{odd},train,a.jpg,")
    with pytest.raises(InputError, match="fit to be the name of a file"):
        read_manifest(path)


def test_paths_that_cannot_be_are_missing_files(folder: Path) -> None:
    path = write(folder, "id,split,image,label", f"a,train,{'x' * 300}.jpg,")
    with pytest.raises(MissingFileError, match="1 files that the manifest"):
        read_manifest(path)


def test_missing_files_are_counted(folder: Path) -> None:
    path = write(folder, "id,split,image,label", *(f"{n},train,{n}.jpg,a.png" for n in range(5)))
    with pytest.raises(MissingFileError, match=r"5 files .* do not exist: .*0\.jpg, .*1\.jpg, .*2\.jpg, \.\.\.;"):
        read_manifest(path)


def test_the_class_table_must_lie_beside_it(folder: Path) -> None:
    path = write(folder, "id,split,image,label", "1,train,a.jpg,a.png")
    (folder / "classes.json").write_text("{}")
    with pytest.raises(ClassTableError, match="must be a list"):
        read_manifest(path)
    (folder / "classes.json").unlink()
    with pytest.raises(MissingFileError, match="needs its class table beside it"):
        read_manifest(path)


def test_an_empty_split_is_told_with_those_there_are(folder: Path) -> None:
    manifest = read_manifest(write(folder, "id,split,image,label", "1,train,a.jpg,a.png", "2,train,b.jpg,b.png"))
    with pytest.raises(InputError, match=r"the split 'val' .* is empty; the manifest has train \(2\)"):
        manifest.of_split("val")


def test_a_bad_manifest_is_not_written(folder: Path) -> None:
    rows = [ManifestRow("1", split, folder / f"{split}.jpg", None) for split in ("train", "val")]
    with pytest.raises(InputError, match="in two splits"):
        write_manifest(folder / "m.csv", rows, TABLE)
    assert not (folder / "m.csv").exists()


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["train", "val"]), st.integers(0, 5)), min_size=1))
def test_rows_pass_exactly_if_ids_and_images_differ(entries: list[tuple[int, str, int]]) -> None:
    rows = [ManifestRow(str(one), split, Path(f"{image}.jpg"), None) for one, split, image in entries]
    differ = all(len({entry[at] for entry in entries}) == len(entries) for at in (0, 2))
    if differ:
        check_rows(rows, "m.csv")
    else:
        with pytest.raises(InputError, match=r"twice|two splits"):
            check_rows(rows, "m.csv")
