"""Networks that classify single spectra; the one part of `spectral` that needs PyTorch."""
