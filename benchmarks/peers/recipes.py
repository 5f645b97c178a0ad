"""The project's own recipes under the peers' contract."""

from __future__ import annotations

import hyperpoint as hp
from benchmarks.peers.contract import Peer
from hyperpoint.cube import FloatArray, IndexArray
from hyperpoint.types import LabelArray, UInt8Array


def recipe(name: str) -> Peer:
    """Make the peer that annotates by the recipe `name`."""

    def label(
        cube: FloatArray, rgb: UInt8Array, rows: IndexArray, cols: IndexArray, labels: LabelArray, seed: int
    ) -> LabelArray:
        scene = hp.Scene(cube=cube, rgb=rgb)
        return hp.annotate(scene, hp.PointSet(rows=rows, cols=cols, labels=labels), recipe=name, seed=seed).labels

    return label
