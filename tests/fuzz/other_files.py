"""Small valid files of points, classes, pictures and settings, one of each kind that is read."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

SIZE = (6, 8)  # of the picture that points and shapes are on

POINTS_CSV = b'# by hand\nrow,col,label\n0,1,wall\n2,3,door\n5,7,\n1,1,"wall"\n'
POINTS_WITH_IDS = b"\xef\xbb\xbfcol,label,row,note\r\n1,0,0,x\r\n3,2.0,2,\r\n"

GEOJSON: dict[str, Any] = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {"label": "wall"}, "geometry": {"type": "Point", "coordinates": [1.5, 2]}},
        {
            "type": "Feature",
            "properties": {"class": "door", "radius": 1.5},
            "geometry": {"type": "Point", "coordinates": [5, 4]},
        },
        {
            "type": "Feature",
            "properties": {"name": "wall"},
            "geometry": {"type": "LineString", "coordinates": [[0, 0], [3, 1]]},
        },
        {
            "type": "Feature",
            "properties": {"label": "roof"},
            "geometry": {
                "type": "MultiPolygon",
                "coordinates": [[[[4, 0], [8, 0], [8, 3], [4, 3]], [[5, 1], [6, 1], [6, 2]]]],
            },
        },
    ],
}
LABELME: dict[str, Any] = {
    "version": "5.0",
    "imageHeight": 6,
    "imageWidth": 8,
    "imagePath": "../a.png",
    "shapes": [
        {"label": "wall", "points": [[1, 1]], "shape_type": "point"},
        {"label": "door", "points": [[2, 2], [5, 5]], "shape_type": "rectangle"},
        {"label": "wall", "points": [[0, 4], [1, 5], [0, 5.5]], "shape_type": "polygon"},
        {"label": "roof", "points": [[6, 1], [7, 1]], "shape_type": "circle"},
        {"label": "roof", "points": [[6, 4], [7, 5]], "shape_type": "linestrip"},
    ],
}
COCO: dict[str, Any] = {
    "images": [{"id": 1, "file_name": "x/a.png", "height": 6, "width": 8}],
    "categories": [{"id": 1, "name": "wall"}, {"id": 7, "name": "door"}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[0, 0, 4, 0, 4, 4, 0, 4]]},
        {"id": 2, "image_id": 1, "category_id": 7, "segmentation": {"size": [6, 8], "counts": [40, 4, 4]}},
    ],
}
# Not valid: shapes that no picture has, and a great many corners.
HUGE_SHAPES: list[Any] = [
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"label": "wall", "radius": radius},
                "geometry": {"type": kind, "coordinates": coordinates},
            }
        ]
        * 20,
    }
    for kind, coordinates, radius in (
        ("Polygon", [[[0, 0], [16000, 0], [16000, 16000], [0, 16000]]], None),
        ("Polygon", [[[0, 0], [5000, 0], [5000, 5000], [0, 5000]]], None),
        ("Polygon", [[[number % 7, 4000 * (number % 2)] for number in range(2000)]], None),
        ("LineString", [[0, 0], [1000000, 1000000]], None),
        ("Point", [3, 3], 40000),
        ("Point", [3, 3], 2000),
    )
]
HUGE_LABELME: dict[str, Any] = {
    **LABELME,
    "imageHeight": 1 << 20,
    "imageWidth": 1 << 20,
    "shapes": [{"label": "wall", "points": [[0, 0], [1 << 20, 1 << 20]], "shape_type": "rectangle"}],
}
HUGE_COCO: dict[str, Any] = {
    **COCO,
    "images": [{"id": 1, "file_name": "a.png", "height": 10**6, "width": 10**6}],
    "annotations": [
        {"id": 2, "image_id": 1, "category_id": 7, "segmentation": {"size": [10**6, 10**6], "counts": [0, 10**12]}}
    ],
}
CLASSES: list[Any] = [{"name": "wall", "color": [200, 80, 60]}, {"name": "door", "color": [1, 2, 3], "note": "x"}]
MANIFEST = (
    b"id,split,image,label,cube,rotate,confidence\n"
    b"a,train,a.png,m.png,a.hdr,90,c.png\n"
    b'b,val,"b.png",,,,\n'
)  # fmt: skip
DATASET: dict[str, Any] = {
    "title": "A set", "source": "here", "terms": "any", "notes": ["one"], "splits": ["train", "test"], "rotate": 270,
    "labels": "ids", "white_reference": "panel",
    "layouts": [{"cubes": ["{split}/c/{id}.hdr"], "rgb": "{split}/rgb/{id}.png", "label": "{split}/l/{id}.png"}],
    "classes": [
        {"name": "wall", "color": [200, 80, 60], "group": 1},
        {"name": "panel", "color": [255, 255, 255], "scored": False},
    ],
}  # fmt: skip
RECIPES: list[Any] = [
    {
        "description": "As the paper.", "modality": "hsi", "method": "superpixel-vote", "normalisation": "max",
        "classifier": "linear-svm", "region_size": 50, "ruler": 10.0, "classifier_params": {"c": 1.0},
    },
    {"description": "Ours.", "method": "kernel-mixture"},
]  # fmt: skip
CONFIG: dict[str, Any] = {
    "model": "hrnet_w48", "steps": 100, "crop": [64, 64], "scale": [0.5, 2.0], "lr": 0.01, "flip": 0.5, "workers": 0,
    "loss": "cross-entropy+dice", "photometric": True, "precision": "32", "val_every": 0,
}  # fmt: skip
SETTINGS: dict[str, Any] = {"done": True, "settings": {"recipe": "best", "white": [0, 0, 2, 2], "like": "b", "x": 1.5}}
EDITOR: dict[str, Any] = {"token": "ab", "pid": 1, "started": "12", "host": "elsewhere", "since": 1.5}
RECORD: dict[str, Any] = {
    "signature": {"seed": 0, "inputs": {"cube": ["sha256:ab"]}}, "files": {"a.png": "sha256:cd"}, "coverage": 0.5,
    "num_points": 3, "truth": None, "counts": [[0, 1, 20]], "notes": ["a"], "seconds": 1.5,
}  # fmt: skip
PROVENANCE: dict[str, Any] = {
    "classes": CLASSES, "recipe": {"name": "best"}, "num_points": {"annotated": 3},
    "inputs": {
        "cube": {"path": "a.hdr", "fingerprint": "sha256:ab"}, "rgb": {"path": "a.png"}, "points": {"path": "p.csv"},
        "samples": {"path": "a.dat", "fingerprint": None}, "classes": None, "rotate": "90", "align": False,
    },
}  # fmt: skip
LIBRARY_CSV = b"label,scene,450.0,500.5,550\nwall,0,0.1,0.2,0.3\ndoor,1,0.5,,0.5\nwall,1,0.2,0.3,0.4\n"
REFERENCE_CSV = b"wavelength,value\n450,0.9\n500.5,0.95\n700;0.99\n"
METRICS_CSV = b"step,epoch,loss,lr\n1,0,2.5,0.01\n2,0,,0.01\n"


def journal() -> list[Any]:
    """Return the records of a journal with every kind of change."""
    from hyperpoint.studio import edits
    from hyperpoint.studio.session import Session
    from hyperpoint.types import ClassTable, PointSet

    records: list[Any] = [{"kind": "journal", "version": 1, "size": list(SIZE)}]
    session = Session(SIZE, records)
    zero = np.zeros(1, dtype=np.int64)
    for edit in (
        edits.AddClass("wall", (200, 80, 60)),
        edits.AddClass("door", None),
        edits.AddPoints((0, 1), (1, 2), 0),
        edits.MovePoint((0, 1), (3, 3)),
        edits.Paint(np.array([8, 9, 20]), 1),
        edits.RenameClass(1, "gate"),
        edits.RecolourClass(1, (9, 9, 9)),
        edits.LockClass(0, True),
        edits.LockClass(0, False),
        edits.RemovePoints((1,), (2,)),
        edits.TakePoints(PointSet(zero, zero, zero.astype(np.uint8)), ClassTable(("roof",), ((5, 6, 7),))),
        edits.MergeClasses(1, 0),
    ):
        assert session.apply(edit)
    session.undo()
    session.redo()
    return records


def library_arrays() -> dict[str, Any]:
    """Return the arrays of a spectral library."""
    return {
        "spectra": np.linspace(0.1, 1, 15, dtype=np.float32).reshape(3, 5), "labels": np.array([0, 1, 0]),
        "wavelengths": np.arange(450.0, 455), "scenes": np.array([0, 0, 1]), "names": np.array(["wall", "door"]),
        "origins": np.array(["", "", "sha256:" + "a" * 64]),
    }  # fmt: skip


def points_arrays() -> dict[str, Any]:
    """Return the arrays of a point set."""
    return {"rows": np.array([0, 2]), "cols": np.array([1, 3]), "labels": np.array([0, 255], dtype=np.uint8)}


def picture(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    """Return a small picture in a format of Pillow."""
    from PIL import Image

    rng = np.random.default_rng(3)
    if mode == "I;16":
        image = Image.fromarray(rng.integers(0, 65536, SIZE).astype(np.uint16))
    elif mode == "P":
        image = Image.fromarray((np.arange(SIZE[0] * SIZE[1]) % 3).astype(np.uint8).reshape(SIZE))
        image.putpalette(bytes(range(30)))
    else:
        image = Image.fromarray(rng.integers(0, 2, SIZE).astype(np.uint8)).convert(mode)
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def bundle() -> bytes:
    """Return a trained network of one number, with the facts of a small one."""
    import tempfile

    import torch
    from safetensors.torch import save_file

    from hyperpoint.io.classes import classes_from_names
    from hyperpoint.segment.facts import ModelFacts
    from hyperpoint.segment.inputs import InputSpec, imagenet_standardisation

    facts = ModelFacts(
        architecture="unet", classes=classes_from_names(["wall", "door"]), input=InputSpec("rgb"),
        standardisation=imagenet_standardisation(), stride=1,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.safetensors"
        save_file({"weight": torch.ones(2, 2)}, path, metadata=facts.to_metadata())
        return path.read_bytes()
