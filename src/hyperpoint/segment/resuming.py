"""Go on with a run: from its checkpoint, and on the images and masks that it began with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hyperpoint.errors import InputError
from hyperpoint.io.files import fingerprint
from hyperpoint.io.manifest import Manifest
from hyperpoint.io.torch_files import load_tensors
from hyperpoint.segment.checkpointing import LastCheckpoint

Signature = dict[str, str]


def signature_of(manifest: Manifest, with_confidence: bool) -> Signature:
    """Return texts that change when something else is trained on, by what it is; where files lie has no part.

    Masks, and `with_confidence` what they are weighed by, count by their content; images by their ids.
    """
    parts: dict[str, Iterable[Any]] = {
        "ids or splits": [[row.id, row.split] for row in manifest.rows],
        "classes": manifest.classes.names,
        "masks": [row.label and fingerprint(row.label) for row in manifest.rows],
    }
    if with_confidence:
        parts["confidences"] = [row.confidence and fingerprint(row.confidence) for row in manifest.rows]
    return {name: hashlib.sha256(json.dumps(content).encode()).hexdigest() for name, content in parts.items()}


def checkpoint_step(path: Path, manifest: Path, signature: Signature | None) -> int:
    """Return after which step a checkpoint was saved, 0 if there is none.

    Parameters
    ----------
    manifest
        What is to be trained on, for messages.
    signature
        Of it; None: nothing is compared.

    Raises
    ------
    InputError
        If it cannot be read, or was trained on something else.
    """
    if not path.exists():
        return 0
    try:
        content = load_tensors(path, "checkpoint", InputError)
    except InputError as error:
        raise InputError(f"{error}; delete it to begin the run anew") from error
    try:
        step, earlier = int(content["global_step"]), content["callbacks"][LastCheckpoint.STATE_KEY]["signature"]
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise InputError(
            f"the checkpoint {path} is not one of hyperpoint ({type(error).__name__}: {error}); delete it to begin the "
            f"run anew"
        ) from error
    if signature is not None and signature != earlier:
        known = earlier if isinstance(earlier, dict) else {}
        differing = [name for name, value in signature.items() if known.get(name) != value]
        raise InputError(
            f"{manifest} is not what the run in {path.parent} was trained on: its {' and '.join(differing)} differ; "
            f"give that manifest, or start a new run (--out)"
        )
    return step
