"""Physically plausible synthetic scenes, in the layouts of the real data sets."""

from hyperpoint.synth.synthesis import synthesise

__all__ = ["synthesise"]
