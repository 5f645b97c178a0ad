from __future__ import annotations

from pathlib import Path

import pytest

from hyperpoint.errors import InputError
from hyperpoint.studio.access import Access


def test_only_what_was_allowed_may_be_opened(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "a.dat").touch()
    (outside / "b.hdr").touch()
    access = Access()
    access.allow_folder(inside)
    assert access.check(inside / "new" / "file") == inside / "new" / "file"
    assert access.check(inside) == inside
    for path in (outside / "a.dat", inside / ".." / "out" / "a.dat", tmp_path / "in2", tmp_path, "relative"):
        with pytest.raises(InputError, match="lies outside of what this studio may open"):
            access.check(path)
    (outside / "a.hdr").touch()
    access.allow_namesakes(outside / "a.hdr", "a")
    assert access.check(outside / "a.dat") == outside / "a.dat"
    with pytest.raises(InputError, match="lies outside"):
        access.check(outside / "b.hdr")


def test_a_link_is_where_it_leads(tmp_path: Path) -> None:
    inside, secret = tmp_path / "in", tmp_path / "secret"
    inside.mkdir()
    secret.touch()
    access = Access()
    access.allow_folder(inside)
    (inside / "link").symlink_to(secret)
    with pytest.raises(InputError, match=r"link \(it leads to .*secret\) lies outside"):
        access.check(inside / "link")
