"""From samples as they are stored to float32: the one place where no data, saturation and scale are decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import FloatArray


@dataclass(frozen=True, eq=False)
class SampleRule:
    """How the samples of one file become values: `stored / divisor + offset`, NaN for no data, +inf for saturated.

    Parameters
    ----------
    no_data
        The stored value that says that there is none, or None. NaN always does.
    saturated_from
        The stored value from which on a sample is saturated, or None.
    divisor, offset
        Numbers, or arrays that broadcast to the stored order of the axes.
    """

    no_data: float | None = None
    saturated_from: float | None = None
    divisor: float | NDArray[np.float32] = 1.0
    offset: float | NDArray[np.float32] = 0.0

    def apply(self, stored: NDArray[Any], *, is_ours: bool) -> FloatArray:
        """Return `stored` as float32, its memory included where no conversion is needed.

        Parameters
        ----------
        stored
            Samples of any real type, in the stored order of the axes.
        is_ours
            True if the memory may be changed in place.
        """
        missing, saturated = self._missing(stored), self._saturated(stored)
        changes = missing is not None or saturated is not None or self._rescales
        # What is too large for float32 becomes infinite or NaN, and is left out as such.
        with np.errstate(over="ignore", invalid="ignore"):
            values = stored.astype(np.float32, copy=changes and not is_ours)
            if self._rescales:
                values /= self.divisor
                values += self.offset
        if saturated is not None:
            values[saturated] = np.inf
        if missing is not None:
            values[missing] = np.nan
        return values

    @property
    def _rescales(self) -> bool:
        return not (np.all(np.equal(self.divisor, 1)) and np.all(np.equal(self.offset, 0)))

    def _missing(self, stored: NDArray[Any]) -> NDArray[np.bool_] | None:
        if self.no_data is None or np.isnan(self.no_data):
            return None
        if stored.dtype.kind in "iu":
            limits = np.iinfo(stored.dtype)
            if not limits.min <= self.no_data <= limits.max or self.no_data != int(self.no_data):
                return None
            mask = stored == stored.dtype.type(int(self.no_data))
        else:
            with np.errstate(over="ignore"):
                mask = stored == stored.dtype.type(self.no_data)
        return mask if mask.any() else None

    def _saturated(self, stored: NDArray[Any]) -> NDArray[np.bool_] | None:
        # The largest sample is found many times faster than a mask is made, and nearly always decides.
        if self.saturated_from is None or stored.size == 0 or stored.max() < self.saturated_from:
            return None
        return np.asarray(stored >= self.saturated_from)


def full_scale(dtype: np.dtype[Any]) -> float | None:
    """Return the stored value that means saturation in a file that states none: the top of a wide unsigned type.

    An 8-bit image uses its whole range, so that 255 is an ordinary value there.
    """
    return float(np.iinfo(dtype).max) if dtype.kind == "u" and dtype.itemsize >= 2 else None
