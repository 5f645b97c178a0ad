"""The studio: click points, watch the scene label itself."""
