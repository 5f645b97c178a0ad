"""The readers of cubes and of spectral libraries of ENVI."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from hyperpoint.io.spectral_libraries import read_library
from tests.fuzz import containers as pack
from tests.fuzz import cube_files as files
from tests.fuzz.making import Make, built, choice, few, just, one_of
from tests.fuzz.mutations import mutated
from tests.fuzz.target import Files, Target, only, reading_cube

_SIZES = (0, 1, 3, 4, 5, 60, 1 << 20, (1 << 31) - 1, 10**13)
_FIELDS: dict[str, Sequence[object]] = {
    "samples": (4, *_SIZES, -1, "4.0", "nan", "1e300", "", "{4}", "9" * 400),
    "lines": (3, *_SIZES, -3, "inf", "x"),
    "bands": (5, *_SIZES, "5_0"),
    "header offset": (0, 1, 120, -1, 10**18, "1e308", "nan"),
    "file type": ("ENVI Standard", "ENVI Spectral Library", "ENVI", "", "{a}"),
    "data type": (1, 2, 3, 4, 5, 6, 9, 12, 13, 14, 15, 0, 99, -1, "4.0", "x"),
    "interleave": ("bsq", "bil", "BIP", "", "x", "{bil}"),
    "byte order": (0, 1, 2, "", "x"),
    "file compression": (0, 1, "nan"),
    "data ignore value": (0, -9999, 65536, 1e300, "nan", "inf", "-inf", "x", 0.5, 2.0**63, "-1e400"),
    "reflectance scale factor": (10000, 0, -1, "nan", "inf", "1e-320", "1e300", "x"),
    "ceiling": (4095, 0, -5, "nan", 1e300),
    "wavelength units": ("Nanometers", "Micrometers", "Index", "", "x", "Angstroms"),
    "wavelength": (
        "{450,500,550,600,700}", "{1,2,3}", "{}", "450", "{nan,1,2,3,4}", "{1e308,1e308,1e308,1e308,1e308}", "{450,",
        "{-1,0,1,2,3}", "{a,b,c,d,e}", "{1e-320,1,2,3,4}",
    ),
    "bbl": ("{1,1,0,1,1}", "{1}", "{a,b,c,d,e}", "1", "{nan,1e400,,,}"),
    "map info": (
        "{UTM,1,1,300000,5800000,30,30,33,North,WGS-84,rotation=10}", "{}", "{UTM,nan,1,1,1,1,1}", "{rotation=}",
        "{UTM,1,1,1e308,1e308,1e308,1e308,rotation=inf}", "x",
    ),
    "coordinate system string": ('{GEOGCS["x"]}', "x", "{}", ""),
    "band names": ("{band 1 (450 nm),b,c,d,e}", "{0.4,0.5,0.6,0.7,0.8}", "{" + "9" * 400 + " nm,1,2,3,4}", "{}", "x"),
    "spectra names": (
        "{a, b, c}", "{a}", "{}", "abc", "{,,}", "{1,2,255}", "{1,a,b}", "{\u0661,\u0662,x}", "{256,1,2}",
    ),
    "data units": ("reflectance", "Radiance", ""),
    "major frame offsets": ("{0,0}", "{1,2}", "x"),
    "data file": ("../../x", "/etc/passwd", "other.dat"),
    "description": ("{a\nb}", "{", "}", "={=", "ENVI", "\0"),
}  # fmt: skip
_WORDS = (
    *(f"{key} = ".encode() for key in _FIELDS),
    b"{", b"}", b"=", b"\n", b"ENVI\n", b"\xe9", b"\0", b"1e999", b"nan", b"9" * 30, b"-", b"\r\n", b";",
)  # fmt: skip


def headers(base: bytes) -> Make[bytes]:
    """Return a maker of ENVI headers with odd fields: by the grammar, and by mutation."""
    kept = [line for line in base.decode().splitlines()[1:] if "=" in line and line.count("{") == line.count("}")]
    names = [line.partition("=")[0].strip() for line in kept]

    def by_grammar(rng: Random) -> bytes:
        odd = {name: rng.choice(_FIELDS[name]) for name in rng.sample(list(_FIELDS), few(rng, 5))}
        left_out = {rng.choice(names)} if rng.random() < 0.2 else set()
        lines = [line for name, line in zip(names, kept, strict=True) if name not in odd and name not in left_out]
        lines += [f"{name} = {value}" for name, value in odd.items()]
        return rng.choice((b"ENVI\n", b"\nenvi\n;\n")) + "\n".join(lines).encode()

    return one_of(by_grammar, mutated([base, files.LENIENT_HEADER], _WORDS))


def _envi() -> Target:
    data = files.envi_data()
    valid = tuple({"c.hdr": header, "c.dat": data} for header in (files.ENVI_HEADER, files.LENIENT_HEADER))
    samples = choice([data, data, data, b"", data[:-1], data + b"x", data * 3])
    make = built(lambda header, content: {"c.hdr": header, "c.dat": content}, headers(files.ENVI_HEADER), samples)
    return Target("envi", valid, make, reading_cube("c.hdr"))


def _envi_gzip() -> Target:
    packed, compressed = files.envi_gzip(), files.ENVI_HEADER + b"file compression = 1\n"
    make: Make[Files] = built(
        lambda header, content: {"c.hdr": header, "c.img": content},
        one_of(just(compressed), headers(compressed)),
        one_of(just(packed), mutated([packed]), pack.repacked(packed, pack.gunzip, pack.gzipped)),
    )
    return Target("envi-gzip", ({"c.hdr": compressed, "c.img": packed},), make, reading_cube("c.img"))


def _envi_library() -> Target:
    data = files.library_data()
    make: Make[Files] = built(
        lambda header, content: {"l.hdr": header, "l.sli": content},
        headers(files.LIBRARY_HEADER),
        one_of(just(data), mutated([data])),
    )
    valid = ({"l.hdr": files.LIBRARY_HEADER, "l.sli": data},)
    return Target("envi-library", valid, make, lambda folder: read_library(folder / "l.sli"))


def _hsd() -> Target:
    seeds = [files.hsd(), files.hsd(1)]
    wholes = (0, 1, 2, 3, 4, 5, 12, 60, -1, 1 << 16, 1 << 20, (1 << 31) - 1, -(1 << 31))
    reals = (0.0, 50.0, -50.0, 1e-30, 3e38, float("inf"), float("nan"))

    def by_grammar(rng: Random) -> bytes:
        numbers = [one if rng.random() < 0.6 else rng.choice(wholes) for one in (3, 4, 5, 2, 450, 650)]
        return struct.pack("<5ifi", *numbers[:5], rng.choice(reals), numbers[5]) + seeds[0][28:]

    valid = tuple({"c.hsd": seed} for seed in seeds)
    return Target("hsd", valid, only("c.hsd", one_of(mutated(seeds), by_grammar)), reading_cube("c.hsd"))


def _npy() -> Target:
    seeds = [files.npy(), files.npy(files.values().astype(">f8").T)]
    words = (b"'descr': '|O'", b"(1000000, 1000000, 99)", b"(", b"'", b"True", b"'<M8[ns]'", b"'<c16'", b"-1",
             b"[('a','<f4')]", b"\0", b"9" * 30, b"__import__('os')")  # fmt: skip
    make = only("c.npy", one_of(mutated(seeds, words), _npy_headers(seeds[0][128:])))
    return Target("npy", tuple({"c.npy": seed} for seed in seeds), make, reading_cube("c.npy"))


def _npy_headers(body: bytes) -> Make[bytes]:
    sizes = (0, 1, 3, 4, 5, -1, 1 << 20, 1 << 31, 1 << 62, 10**30, True, 2.0, None, "3")
    kinds = ("<u2", ">f8", "|O", "<c8", "<M8[s]", "|V8", "<U3", "|b1", "x", "", "<f2", "f16", "|S0")

    def make(rng: Random) -> bytes:
        shape = [rng.choice(sizes) for _ in range(rng.randint(0, 4))] if rng.random() < 0.5 else [3, 4, 5]
        fields = {
            "descr": rng.choice(kinds),
            "fortran_order": rng.choice((False, True, None, 1)),
            "shape": tuple(shape),
        }
        text, version = repr(fields).encode() + b"\n", rng.choice((1, 1, 2, 3, 4))
        length = struct.pack("<H" if version == 1 else "<I", len(text))
        return b"\x93NUMPY" + bytes([version, 0]) + length + text + body

    return make


def _npz() -> Target:
    seeds = [files.npz(is_compressed=flag) for flag in (True, False)]
    sized = files.npz(is_compressed=True, data=files.values().reshape(-1, 5), rows=3, cols=4, bands_nm=files.NM)
    headed = _npy_headers(files.npy()[128:])
    others = built(
        lambda zipped, cube, more: zipped({"cube.npy": cube, "wavelengths.npy": more}),
        choice((pack.zip_stored, pack.zip_deflated)), headed, one_of(headed, just(files.npy(files.NM))),
    )  # fmt: skip
    contents: Make[bytes] = one_of(
        mutated([*seeds, sized]),
        pack.repacked(seeds[0], pack.unzip, pack.zip_deflated),
        pack.repacked(seeds[1], pack.unzip, pack.zip_stored),
        pack.repacked(sized, pack.unzip, pack.zip_deflated),
        others,
    )
    valid = tuple({"c.npz": seed} for seed in [*seeds, sized])
    return Target("npz", valid, only("c.npz", contents), reading_cube("c.npz"))


def _matlab() -> Target:
    plain = [files.matlab(is_compressed=False), files.matlab_cube(is_compressed=False)]
    old = files.matlab(is_compressed=False, form="4")
    packed = [files.matlab(is_compressed=True), files.matlab_cube(is_compressed=True)]
    inside = [pack.repacked(seed, pack.matlab_elements, pack.matlab_of) for seed in packed]
    valid = tuple({"c.mat": seed} for seed in (*plain, *packed, old))
    make = only("c.mat", one_of(mutated(plain), mutated([old]), mutated(packed), *inside))
    return Target("matlab", valid, make, reading_cube("c.mat"))


def _hdf5() -> Target:
    seeds = [files.hdf5(), files.hdf5(chunks=(2, 2, 5), compression="gzip", shuffle=True), files.hdf5(fletcher32=True)]
    return Target("hdf5", tuple({"c.h5": seed} for seed in seeds), only("c.h5", mutated(seeds)), reading_cube("c.h5"))


def _geotiff() -> Target:
    seeds = [
        files.geotiff(),
        files.geotiff(compress="deflate", predictor=2, tiled=True, blockxsize=16, blockysize=16, nodata=0),
        files.geotiff(compress="lzw", interleave="band", dtype="float32"),
    ]
    valid = tuple({"c.tif": seed} for seed in seeds)
    return Target("geotiff", valid, only("c.tif", mutated(seeds)), reading_cube("c.tif"))


def _pt() -> Target:
    seeds = [files.pt(), files.pt(is_legacy=True)]
    inside = pack.repacked(seeds[0], pack.unzip, pack.zip_stored)
    make = only("c.pt", one_of(mutated(seeds), inside, _strange_pt()))
    return Target("pt", tuple({"c.pt": seed} for seed in seeds), make, reading_cube("c.pt"))


def _strange_pt() -> Make[bytes]:
    import torch

    fields = files.pt_fields()
    strange: tuple[Any, ...] = (
        None, 0, -1, 1 << 40, 10**30, float("inf"), float("nan"), "3", "x", "9" * 5000, [], [1, 2], {"a": 1}, True,
        b"1", torch.zeros(()), torch.ones(5), torch.ones(5, 2), torch.zeros(0), torch.ones(1).expand(1 << 30),
        torch.ones(1).expand(1 << 20, 1 << 20), torch.ones(2, dtype=torch.complex64), torch.ones(10).to_sparse(),
        torch.ones(10, dtype=torch.bfloat16), torch.ones(24, device="meta"), torch.tensor([[1, 2]]).bool(),
        torch.ones(24, requires_grad=True), torch.full((24,), float("nan")),
        torch.full((10,), 1e300, dtype=torch.float64),
    )  # fmt: skip
    whole: tuple[Any, ...] = (None, 1, [], {}, "x", torch.ones(2), {1: 2})

    def make(rng: Random) -> bytes:
        if rng.random() < 0.1:
            return files.pt(rng.choice(whole))
        return files.pt({**fields, **{rng.choice(list(fields)): rng.choice(strange) for _ in range(few(rng, 3))}})

    return make


# How each is made; cheap ones first.
CUBE_TARGETS: dict[str, Callable[[], Target]] = {
    "envi": _envi,
    "envi-gzip": _envi_gzip,
    "envi-library": _envi_library,
    "hsd": _hsd,
    "npy": _npy,
    "npz": _npz,
    "matlab": _matlab,
    "hdf5": _hdf5,
    "geotiff": _geotiff,
    "pt": _pt,
}
