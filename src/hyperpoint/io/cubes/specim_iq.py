"""The folder that a Specim IQ camera writes for a capture.

`capture/NAME.hdr` is the raw cube, with `WHITEREF_NAME` and `DARKREF_NAME` (one line each) beside it;
`results/REFLECTANCE_NAME.hdr` is what the camera made of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hyperpoint.cube import Cube, CubeBlock, CubeWrapper, FloatArray, IndexArray
from hyperpoint.errors import CubeFormatError
from hyperpoint.io.cubes._reader import Reader
from hyperpoint.io.cubes.envi import open_envi

_RESULT = "REFLECTANCE_"
_WHITE, _DARK = "WHITEREF_", "DARKREF_"
_REFERENCES = (_WHITE, _DARK, "WHITEDARKREF_")


class SpecimCapture(CubeWrapper):
    """The cube of a capture folder.

    Attributes
    ----------
    white_reference, dark_reference
        Headers of the references that this cube has yet to be calibrated with: None where there is none, and for
        the reflectance cube, which the camera has calibrated already.
    """

    def __init__(self, source: Cube, is_reflectance: bool, white: Path | None = None, dark: Path | None = None) -> None:
        super().__init__(source)
        self.format = "specim-iq"
        self.is_reflectance = is_reflectance
        self.white_reference = white
        self.dark_reference = dark

    def blocks(self) -> Iterator[CubeBlock]:
        """Yield the blocks of the cube in the folder."""
        return self.source.blocks()

    def pixels(self, rows: IndexArray, cols: IndexArray) -> FloatArray:
        """Return the spectra at (rows, cols) as (n, bands) float32."""
        return self.source.pixels(rows, cols)


def open_specim_iq(path: Path, variable: str | None = None, axes: str | None = None) -> Cube:
    """Open a capture folder: the reflectance cube if it holds one, else the raw one.

    Raises
    ------
    CubeFormatError
        If the folder holds neither, or several of them.
    """
    results, captures = _headers(path, "results"), _headers(path, "capture")
    reflectance = _choose(path, [header for header in results if header.name.startswith(_RESULT)], _RESULT)
    if reflectance is not None:
        return SpecimCapture(open_envi(reflectance), is_reflectance=True)
    raw = _choose(path, [header for header in captures if not header.name.startswith(_REFERENCES)], "")
    if raw is None:
        raise CubeFormatError(
            f"the folder {path} holds neither results/{_RESULT}NAME.hdr nor capture/NAME.hdr of a Specim IQ capture"
        )
    white, dark = (
        next((header for header in captures if header.stem == prefix + raw.stem), None) for prefix in (_WHITE, _DARK)
    )
    return SpecimCapture(open_envi(raw), False, white, dark)


def _headers(folder: Path, part: str) -> list[Path]:
    """Return the headers in a part of the folder, without the shadows (._*) that macOS leaves."""
    inside = folder / part
    entries = sorted(inside.iterdir()) if inside.is_dir() else []
    return [entry for entry in entries if entry.suffix.lower() == ".hdr" and not entry.name.startswith(".")]


def _choose(folder: Path, headers: list[Path], prefix: str) -> Path | None:
    """Return the header named after the folder, else the only one there is (the folder may have been renamed)."""
    for header in headers:
        if header.stem == prefix + folder.resolve().name:
            return header
    if len(headers) > 1:
        names = ", ".join(header.name for header in headers)
        raise CubeFormatError(f"the folder {folder} holds several cubes ({names}); give the header of one of them")
    return headers[0] if headers else None


def _recognises(path: Path) -> bool:
    return (path / "capture").is_dir() or (path / "results").is_dir()


READER = Reader("specim-iq", (), _recognises, open_specim_iq)
