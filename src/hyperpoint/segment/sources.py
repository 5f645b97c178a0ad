"""What is to be predicted: images, cubes, videos and cameras, found by name; and what will be written for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path

from hyperpoint.errors import InputError, MissingFileError
from hyperpoint.io.files import check_writable, make_folder

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
# Of an ENVI cube the header stands for both files.
CUBE_SUFFIXES = (".hdr", ".hsd", ".mat", ".h5", ".hdf5", ".he5", ".npy", ".npz", ".pt", ".tif", ".tiff")
VIDEO_SUFFIXES = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".mjpeg", ".ogv")
_NUM_NAMED = 5


@dataclass(frozen=True)
class Video:
    """A video file, or a camera by its number."""

    source: Path | int

    @property
    def name(self) -> str:
        """What its output is called."""
        return self.source.stem if isinstance(self.source, Path) else f"camera{self.source}"

    @property
    def is_live(self) -> bool:
        """Whether it is a camera."""
        return isinstance(self.source, int)


def find_sources(names: Sequence[str], cubes: bool = False) -> tuple[list[Path], list[Video]]:
    """Return the images, and the videos and cameras, that names stand for, each once.

    Parameters
    ----------
    names
        Files; folders, for the images in them (not in folders within); patterns such as "photos/*.jpg"; numbers, for
        cameras, where no file has that name.
    cubes
        Cubes are looked for in folders, not images.

    Raises
    ------
    MissingFileError
        If there is nothing of a name.
    InputError
        If a folder holds no image.
    """
    images: list[Path] = []
    videos: list[Video] = []
    for name in names:
        if name.isdecimal() and not Path(name).exists():
            videos.append(Video(int(name)))
            continue
        for path in _files(name, cubes):
            if path.suffix.lower() in VIDEO_SUFFIXES:
                videos.append(Video(path))
            else:
                images.append(path)
    firsts: dict[Path, Path] = {}
    for image in images:
        firsts.setdefault(image.absolute(), image)
    return list(firsts.values()), list(dict.fromkeys(videos))


def _files(name: str, cubes: bool) -> list[Path]:
    path = Path(name)
    if path.is_dir():
        return _in_folder(path, cubes)
    if path.exists():
        return [path]
    # Path.glob takes no absolute pattern.
    found = [Path(one) for one in sorted(glob(name, recursive=True))] if has_magic(name) else []  # noqa: PTH207
    if not found:
        what = "nothing matches the pattern" if has_magic(name) else "there is no image, folder or video"
        raise MissingFileError(f"{what} {name}; check the path")
    return [path for path in found if path.is_file()]


def _in_folder(folder: Path, cubes: bool) -> list[Path]:
    suffixes = CUBE_SUFFIXES if cubes else IMAGE_SUFFIXES
    found = sorted(file for file in folder.iterdir() if file.suffix.lower() in suffixes and file.name[0] != ".")
    if cubes and (folder / "capture").is_dir():
        return [folder]  # of a Specim IQ
    if not found:
        raise InputError(f"the folder {folder} holds no {'cubes' if cubes else 'images'} ({', '.join(suffixes)})")
    return found


def image_targets(image: Path, out: Path, *, overlay: bool, confidence: bool) -> dict[str, Path]:
    """Return the files that are written for an image, by what is in them: mask, overlay, confidence."""
    stem = image.name if image.is_dir() else image.stem
    targets = {"mask": out / f"{stem}.png"}
    if overlay:
        targets["overlay"] = out / f"{stem}_overlay.png"
    if confidence:
        targets["confidence"] = out / f"{stem}_confidence.png"
    return targets


def video_target(video: Video, out: Path, *, overlay: bool) -> Path:
    """Return the video with overlays that is written for a video, or the folder of its masks."""
    return out / (f"{video.name}_overlay.mp4" if overlay else video.name)


def check_targets(targets: Sequence[tuple[str, Path]], inputs: Sequence[Path], out: Path) -> None:
    """Make the folder `out`, and make sure that nothing is written twice, over an input, or where it cannot be.

    Parameters
    ----------
    targets
        (name of the source, file) of all that is going to be written.

    Raises
    ------
    InputError
        If not; sources whose output would have one name are named.
    """
    sources = {path.resolve() for path in inputs}
    seen: dict[str, str] = {}
    for source, target in targets:
        if target.resolve() in sources:
            raise InputError(f"{target} is one of the inputs and would be overwritten; choose another folder (--out)")
        # Names that differ in case alone are one on Windows and macOS.
        first = seen.setdefault(str(target).casefold(), source)
        if first != source:
            raise InputError(
                f"{first} and {source} would both be written to {target}; predict them one after the other into two "
                f"folders (--out), or rename one"
            )
    make_folder(out)
    check_writable(out / "mask.png")


def describe_problems(problems: Sequence[str], num: int) -> str:
    """Return one sentence on what could not be done of `num` images."""
    shown = "; ".join(problems[:_NUM_NAMED])
    more = f"; and {len(problems) - _NUM_NAMED} more" if len(problems) > _NUM_NAMED else ""
    return f"{len(problems)} of {num} images cannot be predicted: {shown}{more}"
