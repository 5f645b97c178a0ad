"""The scene that is open in one tab."""

from __future__ import annotations

import numpy as np

from hyperpoint.annotation.prepared import PreparedScene
from hyperpoint.library import SpectralLibrary
from hyperpoint.studio.choices import Doubts, Rectangle, doubts_of, recipe_of, white_of
from hyperpoint.studio.editing import Pixel
from hyperpoint.studio.lease import Lease
from hyperpoint.studio.listing import SceneEntry
from hyperpoint.studio.preparing import OpenScene
from hyperpoint.studio.refitting import Refitter
from hyperpoint.studio.session import Session
from hyperpoint.studio.store import SceneStore
from hyperpoint.types import IGNORE, Annotation, LabelArray


class Current:
    """The scene that is open at a desk.

    Attributes
    ----------
    opened, store, lease, session
        Its pictures and spectra, its state on disk, the right to change that, and the state itself.
    prepared, refitter
        What annotates it; None until it is prepared.
    annotation, seconds
        The last that succeeded, and how long it took.
    suspects
        The pixels of the points that the others contradicted in it.
    library
        Spectra of an earlier scene, if one was asked to help.
    """

    def __init__(self, opened: OpenScene, store: SceneStore, lease: Lease) -> None:
        self.opened, self.store, self.lease = opened, store, lease
        self.session: Session = store.open_session(opened.scene.size)
        self.prepared: PreparedScene | None = None
        self.refitter: Refitter | None = None
        self.annotation: Annotation | None = None
        self.seconds: float | None = None
        self.suspects: tuple[Pixel, ...] = ()
        self.library: SpectralLibrary | None = None

    @property
    def entry(self) -> SceneEntry:
        """Which scene of the workspace it is."""
        return self.opened.entry

    @property
    def white(self) -> Rectangle | None:
        """The rectangle (r0, c0, r1, c1) of the white reference, if one was drawn."""
        return white_of(self.store)

    @property
    def recipe(self) -> str:
        """The recipe it is annotated by."""
        return recipe_of(self.store)

    @property
    def doubts(self) -> Doubts:
        """What is left unlabelled."""
        return doubts_of(self.store)

    @property
    def can_reject(self) -> bool:
        """Whether the recipe can tell what is like nothing labelled."""
        return self.prepared is not None and self.prepared.can_reject

    @property
    def labels(self) -> LabelArray:
        """(H, W) uint8: the annotation under the corrections; 255 where neither says anything."""
        corrections, annotation = self.session.state.corrections, self.annotation  # which a thread may exchange
        return corrections if annotation is None else np.where(corrections == IGNORE, annotation.labels, corrections)

    def close(self) -> None:
        """Stop annotating, and let others edit."""
        if self.refitter is not None:
            self.refitter.close()
        self.store.close()
