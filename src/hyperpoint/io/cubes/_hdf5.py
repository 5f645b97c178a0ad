"""Datasets of HDF5 files as cubes: for HDF5 proper and for MATLAB 7.3, which stores its axes reversed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import Cube
from hyperpoint.errors import CubeFormatError, HyperpointError
from hyperpoint.io.cubes._axes import Axes
from hyperpoint.io.cubes._samples import SampleRule, full_scale
from hyperpoint.io.cubes._tiles import About, Fetch, TiledCube
from hyperpoint.io.cubes._variables import Variable, find_cube, find_wavelengths
from hyperpoint.io.inflation import check_memory, check_ratio

# Attributes that name the value of a missing sample (CF conventions; NEON's AOP files).
_NO_DATA_ATTRIBUTES = ("_FillValue", "missing_value", "Data_Ignore_Value")
_DAMAGED = (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)


def is_hdf5(path: Path) -> bool:
    """Say whether a file is HDF5, whatever precedes it (MATLAB 7.3 puts 512 bytes of its own there)."""
    import h5py

    return bool(h5py.is_hdf5(path))


def open_dataset(
    path: Path, variable: str | None, axes: str | None, *, format_name: str, is_matlab: bool = False
) -> Cube:
    """Open a dataset of an HDF5 file as a cube.

    Parameters
    ----------
    is_matlab
        Shapes and axes are meant in MATLAB's order, the reverse of the stored one.

    Raises
    ------
    CubeFormatError
        If the file is damaged or holds no cube.
    InputError
        If `variable` or `axes` does not fit.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            variables = _list_variables(file, is_matlab)

            def load(name: str) -> NDArray[Any]:
                return np.asarray(_inside(path, file[name])[()])

            pixel_order = "c r" if is_matlab else "r c"
            found, layout = find_cube(path, variables, load, variable, axes, pixel_order)
            dataset = _inside(path, file[found.name])
            _check_contents(path, dataset)
            about = About(
                path,
                format_name,
                SampleRule(no_data=_no_data(dataset), saturated_from=full_scale(dataset.dtype)),
                find_wavelengths(path, variables, load, layout.sizes["b"]),
            )
            chunks = dataset.chunks
    except HyperpointError:
        raise
    except _DAMAGED as error:
        raise CubeFormatError(f"{path} is no HDF5 file, or a damaged one: {error}") from error
    assert found.dtype is not None  # what `find_cube` returns is made of numbers
    return DatasetCube(about, found.name, layout.reversed() if is_matlab else layout, found.dtype, chunks)


class DatasetCube(TiledCube):
    """A dataset of an HDF5 file, read chunk by chunk.

    Parameters
    ----------
    name
        Path of the dataset in the file.
    axes
        Its axes as they are stored.
    chunks
        Its chunk shape, or None.
    """

    def __init__(
        self, about: About, name: str, axes: Axes, dtype: np.dtype[Any], chunks: tuple[int, ...] | None
    ) -> None:
        self._file, self._name, self._axes = about.path, name, axes
        super().__init__(about, axes.order, axes.shape, dtype, _chunk_of_pixels(axes, chunks))

    @contextmanager
    def _fetching(self) -> Iterator[Fetch]:
        import h5py

        try:
            with h5py.File(self._file, "r") as file:
                dataset = file[self._name]
                yield lambda rows, cols: self._fetch(dataset, rows, cols)
        except HyperpointError:
            raise
        except _DAMAGED as error:
            raise CubeFormatError(f"{self._file} is truncated or damaged: {error}") from error

    def _fetch(self, dataset: Any, rows: slice, cols: slice) -> NDArray[Any]:
        parts = {"r": rows, "c": cols, "b": slice(0, self.shape[2])}
        taken, shape, inner = [], [], []
        for group in self._axes.groups:
            slow = parts[group[0]]
            if len(group) == 1:
                taken.append(slow)
                inner.append(slice(None))
            else:  # whole lines of pixels are taken, and cut afterwards
                length = self._axes.sizes[group[1]]
                taken.append(slice(slow.start * length, slow.stop * length))
                inner += [slice(None), parts[group[1]]]
            shape += [slow.stop - slow.start, *(self._axes.sizes[axis] for axis in group[1:])]
        return np.asarray(dataset[tuple(taken)]).reshape(shape)[tuple(inner)]


def _chunk_of_pixels(axes: Axes, chunks: tuple[int, ...] | None) -> tuple[int, int]:
    """Return (rows, cols) of a chunk; of one line where there are no chunks or they split a line."""
    slow, fast = [axis for axis in axes.order if axis != "b"]
    size = {slow: 1, fast: axes.sizes[fast]}
    if chunks is not None:
        for group, length in zip(axes.groups, chunks, strict=True):
            if len(group) > 1:
                size[slow] = max(1, length // axes.sizes[fast])
            elif group != "b":
                size[group] = length
    return size["r"], size["c"]


def _list_variables(file: Any, is_matlab: bool) -> list[Variable]:
    found: list[Variable] = []
    for name, dataset in _datasets(file, "", set()):
        is_real = dataset.dtype.kind in "fiub"
        shape = tuple(dataset.shape[::-1] if is_matlab else dataset.shape)
        found.append(Variable(name, shape, dataset.dtype if is_real else None, str(dataset.dtype)))
    return found


def _datasets(group: Any, prefix: str, seen: set[tuple[Any, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield name and dataset for all that lie in a group or below it, each once.

    Not by `visititems`: its search for the size of an index never ends where a damaged file's index is a ring. Soft and
    external links are not followed, so that nothing outside of the file is opened.
    """
    import h5py

    for name in sorted(name for name in group if isinstance(name, str) and not name.startswith("#")):
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            continue
        place = h5py.h5g.get_objinfo(group.id, name.encode("utf-8", "surrogateescape"))
        if (place.fileno, place.objno) in seen:
            continue
        seen.add((place.fileno, place.objno))
        item = group[name]
        if isinstance(item, h5py.Group):
            yield from _datasets(item, f"{prefix}{name}/", seen)
        elif isinstance(item, h5py.Dataset) and item.shape is not None:
            yield f"{prefix}{name}", item


def _inside(path: Path, dataset: Any) -> Any:
    """Return a dataset after making sure that it lies in this file."""
    if dataset.external or dataset.is_virtual:
        raise CubeFormatError(f"the dataset {dataset.name} of {path} lies in other files, which are not followed")
    return dataset


def _check_contents(path: Path, dataset: Any) -> None:
    stored, itemsize = dataset.id.get_storage_size(), dataset.dtype.itemsize
    if stored == 0:
        raise CubeFormatError(f"the dataset {dataset.name} of {path} was never written: it holds no data")
    check_ratio(path, prod(dataset.shape) * itemsize, stored)
    check_memory(path, prod(dataset.chunks or (0,)) * itemsize)


def _no_data(dataset: Any) -> float | None:
    for name in _NO_DATA_ATTRIBUTES:
        if name in dataset.attrs:
            value = np.asarray(dataset.attrs[name]).ravel()
            if len(value) == 1 and value.dtype.kind in "fiu":
                return float(value[0])
    return None
