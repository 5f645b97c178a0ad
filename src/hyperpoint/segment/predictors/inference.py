"""How a trained network is applied to an image: as a whole or in windows, at several scales, mirrored."""

from __future__ import annotations

from dataclasses import dataclass

from hyperpoint.errors import InputError

# MMSegmentation's sliding inference: windows of 512 pixels, 341 apart.
DEFAULT_OVERLAP = 1 / 3


@dataclass(frozen=True)
class Inference:
    """How a network is applied to an image.

    Attributes
    ----------
    window
        (height, width) of the parts that it sees at a time, in pixels of the image; None: the whole image at once.
    overlap
        Share of a window that it has in common with the next one, 0 to below 1. Where windows overlap, the mean of
        their probabilities is taken.
    scales
        What it sees is resized by each of these factors, and the mean of the probabilities taken.
    flip
        It sees everything mirrored, too.
    """

    window: tuple[int, int] | None = None
    overlap: float = DEFAULT_OVERLAP
    scales: tuple[float, ...] = (1.0,)
    flip: bool = False

    def __post_init__(self) -> None:
        if self.window is not None and min(self.window) < 1:
            raise InputError(f"a window has at least 1 x 1 pixel; got {self.window[0]} x {self.window[1]}")
        if not 0 <= self.overlap < 1:
            raise InputError(f"the overlap of windows is a share from 0 to below 1; got {self.overlap}")
        if not self.scales or not all(0.05 <= scale <= 20 for scale in self.scales):
            raise InputError(f"scales must be one or more numbers from 0.05 to 20; got {list(self.scales)}")

    def __str__(self) -> str:
        window = "the whole image" if self.window is None else f"windows of {self.window[0]} x {self.window[1]}"
        overlap = "" if self.window is None else f" that overlap by {100 * self.overlap:.0f} %"
        scales = "" if self.scales == (1.0,) else f", scales {' '.join(f'{scale:g}' for scale in self.scales)}"
        return f"{window}{overlap}{scales}{', mirrored too' if self.flip else ''}"

    @property
    def views(self) -> list[tuple[float, bool]]:
        """(scale, whether mirrored) of everything that the network sees of a window."""
        return [(scale, flip) for scale in self.scales for flip in ((False, True) if self.flip else (False,))]
