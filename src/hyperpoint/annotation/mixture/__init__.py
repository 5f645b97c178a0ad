"""The kernel mixture: representations of a scene, weighted by how well they predict points that are left out."""
