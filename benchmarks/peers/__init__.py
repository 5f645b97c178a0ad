"""Other ways to label a scene from the same points: one module a family of peers, one contract for all."""
