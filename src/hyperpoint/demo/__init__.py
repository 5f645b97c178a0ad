"""The demonstration: synthetic scenes, points, annotations from spectra and from colour, scores, a report."""
