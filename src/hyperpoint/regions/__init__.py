"""Superpixels and the fusion of votes within them."""
