"""Files with checksums or compression: taken apart, changed inside and packed again, to get past the checks."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from random import Random

from tests.fuzz.making import Make
from tests.fuzz.mutations import mutated

Parts = dict[str, bytes]


def repacked(
    seed: bytes,
    unpack: Callable[[bytes], Parts],
    pack: Callable[[Parts], bytes],
    words: Sequence[bytes] = (),
) -> Make[bytes]:
    """Return a maker of packed files of which one part is changed."""
    parts = unpack(seed)
    makes = {name: mutated([content], words) for name, content in parts.items() if content}

    def make(rng: Random) -> bytes:
        name = rng.choice(list(makes))
        return pack({**parts, name: makes[name](rng)})

    return make


def unzip(data: bytes) -> Parts:
    """Return the members of a zip file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zip_stored(parts: Parts) -> bytes:
    """Return a zip file of members that are not compressed, with checksums that fit."""
    return _zipped(parts, zipfile.ZIP_STORED)


def zip_deflated(parts: Parts) -> bytes:
    """Return a zip file of compressed members, with checksums that fit."""
    return _zipped(parts, zipfile.ZIP_DEFLATED)


def _zipped(parts: Parts, method: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def gunzip(data: bytes) -> Parts:
    """Return what a gzip file holds."""
    return {"content": gzip.decompress(data)}


def gzipped(parts: Parts) -> bytes:
    """Return a gzip file, its checksum fitting."""
    return gzip.compress(parts["content"], compresslevel=1, mtime=0)


def png_chunks(data: bytes) -> Parts:
    """Return the chunks of a PNG, the pixels uncompressed."""
    parts, at = {}, 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, content = data[at + 4 : at + 8].decode("ascii"), data[at + 8 : at + 8 + length]
        parts[f"{at}{kind}"] = zlib.decompress(content) if kind == "IDAT" else content
        at += 12 + length
    return parts


def png_of(parts: Parts) -> bytes:
    """Return a PNG of these chunks, with checksums that fit."""
    data = b"\x89PNG\r\n\x1a\n"
    for name, content in parts.items():
        kind = name[-4:].encode("ascii")
        stored = zlib.compress(content, 1) if kind == b"IDAT" else content
        data += struct.pack(">I", len(stored)) + kind + stored + struct.pack(">I", zlib.crc32(kind + stored))
    return data


def matlab_elements(data: bytes) -> Parts:
    """Return the header and the elements of a compressed MATLAB file, unpacked."""
    parts, at = {"header": data[:128]}, 128
    while at < len(data):
        kind, length = struct.unpack("<II", data[at : at + 8])
        assert kind == 15, "not compressed"
        parts[str(at)] = zlib.decompress(data[at + 8 : at + 8 + length])
        at += 8 + length
    return parts


def matlab_of(parts: Parts) -> bytes:
    """Return a MATLAB file of compressed elements."""
    data = parts["header"]
    for name, content in parts.items():
        if name != "header":
            packed = zlib.compress(content, 1)
            data += struct.pack("<II", 15, len(packed)) + packed
    return data
