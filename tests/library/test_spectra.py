from __future__ import annotations

import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperpoint.errors import InputError, PointsError
from hyperpoint.library import SpectralLibrary, join_libraries
from hyperpoint.types import ClassTable, PointSet, Scene

SPECTRA = np.array([[1, 2, 3, 4], [2, 3, 4, 5], [9, 8, 7, 6]], dtype=np.float32)
LABELS = np.array([0, 0, 2], dtype=np.uint8)
NM = np.array([400.0, 500.0, 600.0, 700.0])
TABLE = ClassTable(("Brick Wall", "sky", "tree"), ((1, 1, 1), (2, 2, 2), (3, 3, 3)))


def test_knows_its_classes_and_scenes() -> None:
    library = SpectralLibrary(SPECTRA, LABELS, NM, np.array([4, 4, 9]))
    assert len(library) == 3
    assert library.class_ids.tolist() == [0, 2]
    assert library.num_scenes == 2
    assert library.name_of(2) == "2"
    assert SpectralLibrary(SPECTRA, LABELS).scene_of.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("spectra", "labels", "more", "complaint"),
    [
        (SPECTRA[0], [0], {}, "(n, bands)"),
        (SPECTRA[:0], [], {}, "at least one spectrum"),
        (SPECTRA[:, :0], LABELS, {}, "one band"),
        (SPECTRA.astype(str), LABELS, {}, "must be numbers"),
        (SPECTRA.astype(np.float64) * 1e300, LABELS, {}, "finite"),
        (SPECTRA * np.nan, LABELS, {}, "finite"),
        (-SPECTRA, LABELS, {}, "above 0"),
        (SPECTRA, LABELS[:2], {}, "3 whole numbers"),
        (SPECTRA, [0, 0.5, 1], {}, "whole numbers"),
        (SPECTRA, [0, 0, 255], {}, "0..254"),
        (SPECTRA, [0, 0, -1], {}, "0..254"),
        (SPECTRA, LABELS, {"wavelengths": NM[:3]}, "3 wavelengths were given for 4 bands"),
        (SPECTRA, LABELS, {"scenes": np.array([0, 0, -2])}, "scenes"),
        (SPECTRA, LABELS, {"scenes": np.array([0, 0, np.inf])}, "scenes"),
        (SPECTRA, LABELS, {"scenes": np.array([0, 0, np.nan])}, "scenes"),
        (SPECTRA, LABELS, {"names": ("a", "b")}, "class 2"),
    ],
)
def test_what_makes_no_sense_is_refused(
    spectra: object, labels: object, more: dict[str, object], complaint: str
) -> None:
    with pytest.raises(InputError) as error:
        SpectralLibrary(np.asarray(spectra), np.asarray(labels), **more)  # type: ignore[arg-type]
    assert complaint in str(error.value)


def test_of_a_scene_keeps_good_bands_and_usable_points(caplog: pytest.LogCaptureFixture) -> None:
    cube = np.arange(1, 49, dtype=np.float32).reshape(3, 4, 4)
    cube[2, 3] = np.nan
    scene = Scene(cube, wavelengths=NM)
    scene.cube.good_bands = np.array([True, False, True, True])
    points = PointSet(np.array([0, 1, 2, 2]), np.array([1, 2, 3, 0]), np.array([2, 0, 0, 255]))
    library = SpectralLibrary.of(scene, points, TABLE)
    np.testing.assert_array_equal(library.spectra, cube[[0, 1], [1, 2]][:, [0, 2, 3]])
    assert library.labels.tolist() == [2, 0]
    assert library.wavelengths is not None
    assert library.wavelengths.tolist() == [400, 600, 700]
    assert library.names == TABLE.names
    assert "1 of 3 points" in caplog.text


def test_of_a_scene_maps_points_of_a_finer_rgb_image() -> None:
    cube = np.arange(1, 17, dtype=np.float32).reshape(2, 2, 4)
    scene = Scene(cube, rgb=np.zeros((6, 6, 3), dtype=np.uint8))
    library = SpectralLibrary.of(scene, PointSet(np.array([5]), np.array([2]), np.array([1])))
    np.testing.assert_array_equal(library.spectra[0], cube[1, 0])


def test_of_a_scene_without_usable_points_or_with_one_outside() -> None:
    scene = Scene(np.full((2, 2, 4), np.nan, dtype=np.float32))
    with pytest.raises(PointsError, match="usable spectrum"):
        SpectralLibrary.of(scene, PointSet(np.array([0]), np.array([0]), np.array([0])))
    with pytest.raises(PointsError, match="outside"):
        SpectralLibrary.of(scene, PointSet(np.array([2]), np.array([0]), np.array([0])))


def test_fingerprint_tells_every_part() -> None:
    one = SpectralLibrary(SPECTRA, LABELS, NM)
    assert one.fingerprint == SpectralLibrary(SPECTRA.copy(), LABELS.copy(), NM.copy()).fingerprint
    others = [
        SpectralLibrary(SPECTRA * 2, LABELS, NM),
        SpectralLibrary(SPECTRA, LABELS[::-1], NM),
        SpectralLibrary(SPECTRA, LABELS, NM + 1),
        SpectralLibrary(SPECTRA, LABELS),
        SpectralLibrary(SPECTRA, LABELS, NM, np.array([0, 0, 1])),
        SpectralLibrary(SPECTRA, LABELS, NM, names=("a", "b", "c")),
    ]
    assert len({library.fingerprint for library in [one, *others]}) == 7


def test_classes_are_matched_by_name(caplog: pytest.LogCaptureFixture) -> None:
    library = SpectralLibrary(SPECTRA, np.array([0, 1, 2]), NM, names=("Tree", "water", "brick_wall"))
    with caplog.at_level(logging.INFO, logger="hyperpoint"):
        matched = library.matched(TABLE)
    assert matched.labels.tolist() == [2, 0]
    assert matched.names == TABLE.names
    np.testing.assert_array_equal(matched.spectra, SPECTRA[[0, 2]])
    assert "water" in caplog.text


def test_classes_without_names_are_matched_by_id_only_if_that_is_said() -> None:
    library = SpectralLibrary(SPECTRA, np.array([0, 2, 7]), NM)
    with pytest.raises(InputError, match=r"only class ids.*--classes"):
        library.matched(TABLE)
    matched = library.matched(TABLE, by_id=True)
    assert matched.labels.tolist() == [0, 2]
    assert matched.names == TABLE.names


def test_no_class_in_common_is_an_error_that_says_so() -> None:
    with pytest.raises(InputError, match=r"no class in common: it has a, c; the table has Brick Wall, sky, tree"):
        SpectralLibrary(SPECTRA, LABELS, NM, names=("a", "b", "c")).matched(TABLE)


def test_bands_are_interpolated_where_the_library_reaches() -> None:
    covered, spectra = SpectralLibrary(SPECTRA, LABELS, NM).at_bands(np.array([390.0, 400, 450, 625, 700, 900]), 6)
    assert covered.tolist() == [False, True, True, True, True, False]
    np.testing.assert_allclose(spectra[0], [1, 1.5, 3.25, 4])
    np.testing.assert_allclose(spectra[2], [9, 8.5, 6.75, 6])


@given(st.permutations(range(4)), st.lists(st.floats(400, 700), min_size=3, max_size=9))
def test_interpolation_does_not_depend_on_the_order_of_bands(order: list[int], wanted: list[float]) -> None:
    library = SpectralLibrary(SPECTRA[:, order], LABELS, NM[order])
    _, spectra = library.at_bands(np.array(wanted), len(wanted))
    np.testing.assert_allclose(spectra, [np.interp(wanted, NM, row) for row in SPECTRA], rtol=1e-5)


def test_bands_without_overlap_or_wavelengths() -> None:
    library = SpectralLibrary(SPECTRA, LABELS, NM)
    with pytest.raises(InputError, match=r"400\.\.700 nm and the scene 900\.\.1000 nm: they share 0 bands"):
        library.at_bands(np.linspace(900, 1000, 5), 5)
    with pytest.raises(InputError, match="the scene states no wavelengths, and the library has 4 bands"):
        library.at_bands(None, 5)
    with pytest.raises(InputError, match="the spectral library states no wavelengths"):
        SpectralLibrary(SPECTRA, LABELS).at_bands(np.linspace(400, 700, 5), 5)
    covered, spectra = library.at_bands(None, 4)
    assert covered.all()
    np.testing.assert_array_equal(spectra, SPECTRA)


def test_joining_renumbers_scenes_and_names_and_resamples() -> None:
    one = SpectralLibrary(SPECTRA, LABELS, NM, np.array([3, 3, 7]), ("a", "b", "c"))
    two = SpectralLibrary(SPECTRA[:, 1:], LABELS, NM[1:], names=("c", "x", "d"))
    joined = join_libraries([one, two])
    assert joined.names == ("a", "b", "c", "x", "d")
    assert joined.labels.tolist() == [0, 0, 2, 2, 2, 4]
    assert joined.scene_of.tolist() == [0, 0, 1, 2, 2, 2]
    assert joined.wavelengths is not None
    assert joined.wavelengths.tolist() == [500, 600, 700]
    np.testing.assert_allclose(joined.spectra, np.tile(SPECTRA[:, 1:], (2, 1)))


def test_joining_what_does_not_fit() -> None:
    named = SpectralLibrary(SPECTRA, LABELS, NM, names=("a", "b", "c"))
    with pytest.raises(InputError, match="at least one"):
        join_libraries([])
    with pytest.raises(InputError, match="others only ids"):
        join_libraries([named, SpectralLibrary(SPECTRA, LABELS, NM)])
    ends = [SpectralLibrary(SPECTRA, LABELS, nm) for nm in (NM, NM + 100, NM - 100)]
    with pytest.raises(InputError, match="share only 2 bands"):
        join_libraries(ends)


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_joining_keeps_the_wavelengths_that_one_of_them_states(order: list[int]) -> None:
    libraries = [SpectralLibrary(SPECTRA, LABELS), SpectralLibrary(SPECTRA, LABELS, NM)]
    joined = join_libraries([libraries[i] for i in order])
    assert joined.wavelengths is not None
    assert joined.wavelengths.tolist() == NM.tolist()
    with pytest.raises(InputError, match="states no wavelengths"):
        join_libraries([SpectralLibrary(SPECTRA[:, :3], LABELS), libraries[1]])


def test_scenes_of_one_origin_are_one_and_their_spectra_are_taken_once() -> None:
    one = SpectralLibrary(SPECTRA, LABELS, NM, np.array([0, 0, 1]), origins={0: "street", 1: "park"})
    other = SpectralLibrary(SPECTRA + 1, LABELS, NM, np.array([5, 6, 6]), origins={5: "park"})
    assert len(join_libraries([one, one])) == 3
    assert join_libraries([one, one]).num_scenes == 2
    joined = join_libraries([one, other, one, other])
    assert joined.scene_of.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]  # scene 6 is not known to be the same
    assert joined.origins == {0: "street", 1: "park"}
    np.testing.assert_array_equal(joined.spectra[:4], np.concatenate([SPECTRA, SPECTRA[:1] + 1]))


def test_spectra_of_one_library_are_all_kept_and_a_new_label_is_news() -> None:
    twice = SpectralLibrary(SPECTRA[[0, 0, 1]], LABELS, NM, origins={0: "street"})
    assert len(join_libraries([twice])) == 3
    relabelled = SpectralLibrary(SPECTRA[:1], np.array([9]), NM, origins={0: "street"})
    assert join_libraries([twice, relabelled]).labels.tolist() == [0, 0, 2, 9]


def test_without_an_origin() -> None:
    scene = Scene(np.arange(1, 17, dtype=np.float32).reshape(2, 2, 4), wavelengths=NM)
    points = PointSet(np.array([0, 1]), np.array([0, 1]), np.array([0, 1]))
    own = SpectralLibrary.of(scene, points, TABLE, origin="street").matched(TABLE)
    assert own.without("street") is None
    assert len(own.without("park") or ()) == 2
    rest = join_libraries([own, SpectralLibrary(SPECTRA, LABELS, NM, names=TABLE.names)]).without("street")
    assert rest is not None
    np.testing.assert_array_equal(rest.spectra, SPECTRA)
