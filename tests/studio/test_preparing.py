from __future__ import annotations

from hyperpoint.studio.preparing import SceneCache
from hyperpoint.studio.workspace import Workspace


def test_a_scene_is_opened_and_prepared_once(workspace: Workspace) -> None:
    cache = SceneCache(workspace)
    entry = workspace.entries[0]
    opened = cache.open(entry)
    assert cache.open(entry) is opened
    assert opened.scene.rgb is not None
    prepared = cache.prepare(opened, None, "paper-svm")
    assert cache.prepare(opened, None, "paper-svm") is prepared
    assert cache.prepare(opened, None, "paper-logreg") is not prepared


def test_another_white_reference_is_another_scene(workspace: Workspace) -> None:
    cache = SceneCache(workspace)
    entry = workspace.entries[0]
    assert cache.open(entry, (0, 0, 4, 4)) is not cache.open(entry)


def test_only_the_last_few_are_kept(workspace: Workspace) -> None:
    cache = SceneCache(workspace)
    first, second, third = workspace.entries
    opened = cache.open(first)
    cache.open(second)
    assert cache.open(first) is opened
    cache.open(third)
    assert cache.open(first) is opened
    cache.open(second)
    cache.open(third)
    assert cache.open(first) is not opened
