"""Compare the recipe `best` with other methods, from the same points of the same scenes.

    python -m benchmarks.peer_table --out peers.csv [--sets street jasper berlin] [--seeds 2] [--methods ...]

from the repository's root. Rows that the CSV file has are not run again, so that slow methods may have fewer seeds:
differences to `best` are over the problems that both have. Settings of a method are run on the same probabilities, so
only its first setting's time is that of the whole.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from benchmarks.measuring import Table, markdown, measure
from benchmarks.peers.registry import OURS, Entry, all_peers
from benchmarks.scenes_on_disk import add_arguments

ALWAYS = (OURS, "paper-svm")


def main() -> None:
    peers = all_peers()
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add_arguments(parser)
    parser.add_argument("--methods", nargs="+", choices=list(peers), default=list(peers), metavar="METHOD")
    parser.add_argument("--always", nargs="*", default=list(ALWAYS), help="run whatever --methods says")
    args = parser.parse_args()
    chosen = [name for name in peers if name in {*args.methods, *args.always}]
    for name, rows in measure({method: peers[method].peer for method in chosen}, args).items():
        print(f"\n## {name}\n\n{_in_markdown(Table(rows), peers, args.points)}", flush=True)


def _in_markdown(table: Table, peers: dict[str, Entry], points: Sequence[int]) -> str:
    per_points = [f"{what}, {num} points" for num in points for what in ("mIoU", "minus `best`", "runs", "seconds")]
    return markdown(["method", *per_points], _lines(table, peers, points))


def _lines(table: Table, peers: dict[str, Entry], points: Sequence[int]) -> Iterator[list[str]]:
    for family in dict.fromkeys(entry.family for entry in peers.values()):
        settings = [name for name, entry in peers.items() if entry.family == family and name in table.rows]
        if not settings:
            continue
        title = peers[family].title
        yield [title, *(cell for num in points for cell in _cells(table, settings[0], num))]
        if len(settings) > 1:
            tops = [max(_complete(table, settings, num), key=lambda name: table.mean(name, num)) for num in points]
            cells = [
                cell for top, num in zip(tops, points, strict=True) for cell in [*_cells(table, top, num)[:-1], ""]
            ]
            names = " / ".join(top.partition("@")[2] or "default" for top in tops)
            yield [f"… its best of {len(settings)} settings by the truth ({names})", *cells]


def _complete(table: Table, settings: list[str], num: int) -> list[str]:
    """Return the settings that were run as often as any: others were run on other scenes."""
    most = max(table.num_runs(name, num) for name in settings)
    return [name for name in settings if table.num_runs(name, num) == most]


def _cells(table: Table, name: str, num: int) -> list[str]:
    difference = "" if name == OURS else table.difference(name, OURS, num)
    return [table.miou(name, num), difference, str(table.num_runs(name, num)), table.seconds(name, num)]


if __name__ == "__main__":
    main()
