"""Data sets: what is in them and where it lies, simulated annotators, and the only door to Truth."""
