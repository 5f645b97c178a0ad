"""Write files so that no half of one is ever seen, read text with clear errors, and fingerprint inputs."""

from __future__ import annotations

import errno
import hashlib
import json
import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

from hyperpoint.errors import HyperpointError, InputError, MissingFileError

StrPath = str | PathLike[str]

# Hashing a cube of 1.4 GB in full would take longer than annotating it.
FULL_HASH_BYTES = 64 << 20
NUM_SAMPLES = 64
SAMPLE_BYTES = 64 << 10

# A temporary name, of which the stem and the suffix are those of the file, up to so many characters each.
_MAX_PART = 40
_LEFTOVER = re.compile(r"\.(?P<stem>.*)-[0-9a-f]{12}(?P<suffix>(\..*)?)")

# In JSON: what may be a zero byte, or one half of a character that UTF-16 needs two numbers for.
_NO_TEXT = re.compile(r"\\u(0000|[dD][89a-fA-F])")
_MAX_SHOWN = 100
_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}


@contextmanager
def atomic_path(path: StrPath, *, parents: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside `path`, which it replaces when the block ends without an error.

    The temporary file exists (empty) when the block starts, is hidden, and has the suffix of `path`, by which many
    writers choose their format. After an error it is gone and `path` is as it was. A symbolic link is followed.

    Parameters
    ----------
    path
        The file to write.
    parents
        Make the folder, and those above it, if they do not exist.

    Raises
    ------
    InputError
        If the folder does not exist or cannot be written to, `path` is a folder or a device, or the disk is full.
    """
    target = Path(path).resolve()
    temporary = _create_beside(target, path, parents)
    try:
        yield temporary
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno in _DISK_ERRORS:
            raise InputError(f"cannot write {path}: {error.strerror}; make room, or write elsewhere") from error
        raise
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _create_beside(target: Path, path: StrPath, parents: bool) -> Path:
    # Opening, rather than tempfile.mkstemp, gives the file the permissions that the user's umask asks for.
    temporary = target.with_name(f".{target.stem[:_MAX_PART]}-{secrets.token_hex(6)}{target.suffix[:_MAX_PART]}")
    try:
        if target.exists() and not target.is_file():
            kind = "a folder" if target.is_dir() else "not a regular file"
            raise InputError(f"cannot write {path}: it is {kind}; give the name of a file")
        if parents:
            target.parent.mkdir(parents=True, exist_ok=True)
        temporary.open("xb").close()
    except OSError as error:
        raise InputError(f"cannot write {path}: {_why_not(target.parent, error, parents)}") from error
    return temporary


def _why_not(folder: Path, error: OSError, made: bool) -> str:
    """Say why a file cannot be made in a folder; `made`: which was to be made, too, if it did not exist."""
    if isinstance(error, (FileNotFoundError, NotADirectoryError, FileExistsError)):
        there = next(part for part in (folder, *folder.parents) if part.exists())
        if not there.is_dir():
            kind = "a file" if there.is_file() else "a device or the like"
            return f"{there} is {kind}, not a folder; choose another place"
        if there != folder and not made:
            return f"the folder {folder} does not exist; make it first, or choose another place"
        return f"the system lets nothing be made in the folder {there}; choose another place"
    return f"{error.strerror or error} (folder {folder}); choose a folder that can be written to"


def discard_leftovers(folder: StrPath, names: Collection[str]) -> int:
    """Remove the temporary files of `atomic_path` that writers which were killed left in a folder; count them.

    Parameters
    ----------
    folder
        The folder; nothing is done if it does not exist.
    names
        Names of the files that were being written: the leftovers of others stay.
    """
    written = {(name.stem[:_MAX_PART], name.suffix[:_MAX_PART]) for name in map(Path, names)}
    leftovers = [
        entry
        for entry in Path(folder).glob(".*")
        if (parts := _LEFTOVER.fullmatch(entry.name)) and (parts["stem"], parts["suffix"]) in written
    ]
    for leftover in leftovers:
        leftover.unlink(missing_ok=True)
    return len(leftovers)


def check_writable(path: StrPath) -> None:
    """Make sure that `atomic_path` will be able to write `path`; nothing is left behind.

    Raises
    ------
    InputError
        As `atomic_path`.
    """
    _create_beside(Path(path).resolve(), path, parents=False).unlink()


def make_folder(path: StrPath) -> None:
    """Make a folder and those above it, if they do not exist.

    Raises
    ------
    InputError
        If one of them cannot be made.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {path}: {_why_not(folder, error, made=True)}") from error


def existing_file(path: StrPath, what: str) -> Path:
    """Return `path` as a `Path` after making sure that it is a file; `what` names it in the error ("points file").

    Raises
    ------
    MissingFileError
        If there is nothing at `path`.
    InputError
        If it is a folder.
    """
    file = Path(path)
    try:
        if not file.exists():
            raise MissingFileError(f"the {what} {path} does not exist; check the path")
        if file.is_dir():
            raise InputError(f"the {what} {path} is a folder; give a file")
    except HyperpointError:
        raise
    except PermissionError:
        raise InputError(f"the {what} {path} may not be read; change its permissions") from None
    except (OSError, ValueError) as error:  # a name that is too long, or has a zero byte in it, as damaged files give
        raise InputError(f"the {what} {str(path)[:_MAX_SHOWN]!r} cannot be opened: {error.args[-1]}") from None
    return file


def is_there(path: StrPath) -> bool:
    """Say whether there is a file or folder of that name; False also for what cannot be one, as damaged files give."""
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def read_text(path: StrPath, what: str, error: type[HyperpointError]) -> str:
    """Return the text of a UTF-8 file, without its byte order mark if it has one; line ends stay as they are.

    Parameters
    ----------
    path
        The file.
    what
        What it should be, for messages ("class table").
    error
        The exception to raise when it is no text.

    Raises
    ------
    MissingFileError, InputError
        If it does not exist, is a folder or may not be read.
    """
    file = existing_file(path, what)
    try:
        with file.open("rb") as stream:
            head = stream.read(4096)
            # Looked at before the rest is read, which may be a cube given by mistake.
            if b"\0" in head:
                raise error(f"the {what} {path} is not text (it holds zero bytes); save it as UTF-8 text")
            return (head + stream.read()).decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise error(
            f"the {what} {path} is not UTF-8 text (byte {problem.start} is 0x{problem.object[problem.start]:02x}); "
            f"save it as UTF-8"
        ) from None
    except PermissionError:
        raise InputError(f"the {what} {path} may not be read; change its permissions") from None


def read_json(path: StrPath, what: str, error: type[HyperpointError]) -> Any:
    """Return what a UTF-8 JSON file holds; parameters and errors as for `read_text`, and `error` for bad JSON."""
    text = read_text(path, what, error)
    try:
        content = json.loads(text)
    except json.JSONDecodeError as problem:
        raise error(f"the {what} {path} is not JSON: {problem.msg} in line {problem.lineno}") from None
    except RecursionError:
        raise error(f"the {what} {path} is not usable JSON: it is nested too deeply") from None
    except ValueError as problem:  # a number of thousands of digits
        raise error(f"the {what} {path} is not usable JSON: {problem}") from None
    if _NO_TEXT.search(text):
        _check_texts(content, f"the {what} {path}", error)
    return content


def _check_texts(content: Any, where: str, error: type[HyperpointError]) -> None:
    """Make sure that no text has in it what no file can: escapes of zero and of one half of a character."""
    try:
        text = json.dumps(content, ensure_ascii=False)
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise error(f"{where} is not usable JSON: a text in it has half of a character (\\ud800 to \\udfff)") from None
    if "\\u0000" in text.replace("\\\\", ""):  # without the backslashes that stand for themselves
        raise error(f"{where} is not usable JSON: a text in it has a zero byte (\\u0000)")


def write_json(path: StrPath, content: Any) -> None:
    """Write `content` as indented UTF-8 JSON, atomically; NaN and infinities are refused, as JSON has none."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def fingerprint(path: StrPath) -> str:
    """Return a short text that changes when the content of a file does, quickly also for a cube of gigabytes.

    Up to 64 MiB it is `"sha256:"` and the SHA-256 of the whole file. Above, it is `"sha256-sampled:"` and the SHA-256
    of the size (8 bytes, little-endian) followed by 64 samples of 64 KiB, evenly spread from the first byte to the
    last: enough to tell files apart that were recorded or computed anew, not to notice one changed sample.

    Raises
    ------
    MissingFileError, InputError
        If `path` does not exist or is a folder.
    """
    file = existing_file(path, "file")
    size = file.stat().st_size
    with file.open("rb") as stream:
        if size <= FULL_HASH_BYTES:
            return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
        digest = hashlib.sha256(size.to_bytes(8, "little"))
        for sample in range(NUM_SAMPLES):
            stream.seek((size - SAMPLE_BYTES) * sample // (NUM_SAMPLES - 1))
            digest.update(stream.read(SAMPLE_BYTES))
        return f"sha256-sampled:{digest.hexdigest()}"
