"""What may be opened and written: nothing but what was given at the start, whatever a page or a link asks for."""

from __future__ import annotations

from pathlib import Path

from hyperpoint.errors import InputError
from hyperpoint.io.files import StrPath


class Access:
    """Folders and files that were given; everything else is refused, links being followed first."""

    def __init__(self) -> None:
        self._folders: set[Path] = set()
        self._files: set[Path] = set()

    def allow_folder(self, folder: Path) -> None:
        """Allow a folder and all below it; it is taken as it is, so that its last link is not followed later on."""
        self._folders.add(folder)

    def allow_file(self, file: Path) -> None:
        """Allow a file, its links being followed now."""
        self._files.add(file.resolve())

    def allow_namesakes(self, file: Path, stem: str) -> None:
        """Allow a file and those beside it that differ in their suffix only (an ENVI cube is two files)."""
        self.allow_file(file)
        folder = file.resolve().parent
        self._files |= {folder / one.name for one in folder.iterdir() if one.name.startswith(f"{stem}.")}

    def check(self, path: StrPath) -> Path:
        """Return a path with its links followed.

        Raises
        ------
        InputError
            If it is none of those allowed.
        """
        resolved = Path(path).resolve()
        if resolved in self._files or any(resolved.is_relative_to(folder) for folder in self._folders):
            return resolved
        leads = "" if resolved == Path(path).absolute() else f" (it leads to {resolved})"
        raise InputError(
            f"{path}{leads} lies outside of what this studio may open and write; start it with that folder as well"
        )
