"""From raw values to comparable spectra: calibration, normalisation, bands, geometry, rgb rendering."""
