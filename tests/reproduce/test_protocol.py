from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hyperpoint.errors import InputError
from hyperpoint.reproduce.protocol import ALPHAS, Protocol, alpha_name, scored_truth
from hyperpoint.reproduce.study import Study
from hyperpoint.types import IGNORE

MakeStudy = Callable[..., Study]


def test_the_defaults_are_those_of_the_catalog() -> None:
    assert Protocol().describe() == {"num_regions": 100, "per_region": 10, "ratio": [1.0, 4.0]}
    assert [alpha_name(ratio) for ratio in ALPHAS] == ["1:4", "1:8", "1:16", "1:32"]


def test_a_scene_and_a_seed_have_the_same_points_whatever_asks(make_study: MakeStudy) -> None:
    study = make_study()
    row = study.train_rows[0]
    first, again, other = (study.protocol.draw(row, study.dataset, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.rows, again.rows)
    np.testing.assert_array_equal(first.labels, again.labels)
    assert not np.array_equal(first.rows, other.rows)
    assert len(first.annotated) == round(len(first) / 5)


def test_a_smaller_alpha_draws_the_same_places_and_annotates_fewer(make_study: MakeStudy) -> None:
    study = make_study()
    row = study.train_rows[0]
    many, few = (study.protocol.draw(row, study.dataset, 0, ratio) for ratio in ((1, 4), (1, 32)))
    np.testing.assert_array_equal(many.rows, few.rows)
    assert len(few.annotated) == round(len(few) / 33)


def test_classes_that_are_not_scored_are_never_drawn(make_study: MakeStudy) -> None:
    study = make_study("lib-hsi")
    unscored = study.dataset.unscored
    for row in study.train_rows:
        points = study.protocol.draw(row, study.dataset, 0, (1, 0))
        assert not np.isin(points.labels, unscored).any()
        assert IGNORE in scored_truth(row, study.dataset).labels  # the whiteboard


@pytest.mark.parametrize("wrong", [{"num_regions": 0}, {"per_region": 0}, {"num_seeds": 0}])
def test_numbers_below_one_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="1 or more"):
        Protocol(**wrong)


def test_one_ratio_has_one_signature_whoever_wrote_it() -> None:
    """Figure 7 shares its annotations at 1:4 with Table 1, whose ratio the command line has read."""
    from hyperpoint.reproduce.keeping import key_of

    assert key_of(Protocol(ratio=(1.0, 4.0)).describe()) == key_of(Protocol().describe((1, 4)))
