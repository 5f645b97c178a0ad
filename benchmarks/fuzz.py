"""Feed readers with a great many damaged and strange files, and say what came of it.

python -m benchmarks.fuzz --examples 100000 [--target NAME ...] [--seed 0] [--keep DIR]

Prints a table for docs/results.md: how many inputs each reader got, how many of them it took (it refused the others
with an error of ours), how long that was, and how many kinds of findings there were. A finding is a crash, more than
10 s or 1 GiB for a file of a few kilobytes, or an exception that is not ours; the first input of each kind is kept, in
a folder named after its seed. Exit status 1 if there was any.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import shutil
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from tests.fuzz.guard import is_accepted
from tests.fuzz.target import write_files
from tests.fuzz.targets import TARGET_NAMES, get_target

# Each batch is a process of its own, which may crash, and forgets what it leaks.
_BATCH = 5000
_SECONDS_BETWEEN_LOOKS = 10.0
_SECONDS_WITHOUT_NEWS = 120.0
_NEWS_EVERY = 50
# After so many crashes and hangs a reader is given up.
_MOST_CRASHES = 20
_IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


class News(NamedTuple):
    """What a batch tells since it last did: inputs done and taken, and what kind of finding there was, if any."""

    num: int
    num_accepted: int
    kind: str = ""


@dataclass
class Tally:
    """What has come of one reader so far; `kinds` counts findings by what and where they are."""

    num: int = 0
    num_accepted: int = 0
    num_crashes: int = 0
    seconds: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, news: News) -> None:
        """Count what a batch has told."""
        self.num, self.num_accepted = self.num + news.num, self.num_accepted + news.num_accepted
        if news.kind:
            self.kinds[news.kind] += 1


def main() -> int:
    """Run what the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=100_000, help="inputs for each reader")
    parser.add_argument("--target", nargs="*", choices=TARGET_NAMES, default=TARGET_NAMES, metavar="NAME")
    parser.add_argument("--seed", type=int, default=0, help="of the first input; each further one has the next")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"), help="folder for inputs that were findings")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    print("| reader | inputs | taken | seconds | findings |\n|---|---|---|---|---|", flush=True)
    total = 0
    for name in options.target:
        tally = _run(name, options.examples, options.seed, options.keep / name)
        taken = f"{100 * tally.num_accepted / max(1, tally.num):.0f} %"
        print(f"| {name} | {tally.num:,} | {taken} | {tally.seconds:.0f} | {len(tally.kinds)} |", flush=True)
        for kind, count in tally.kinds.most_common():
            print(f"finding in {name}, {count} times: {kind}", file=sys.stderr, flush=True)
        total += len(tally.kinds)
    return 1 if total else 0


def _run(name: str, num_examples: int, first_seed: int, keep: Path) -> Tally:
    tally, start = Tally(), time.perf_counter()
    get_target(name)
    context = multiprocessing.get_context("fork")  # so that a batch starts at once
    while tally.num < num_examples and tally.num_crashes < _MOST_CRASHES:
        ours, theirs = context.Pipe(duplex=False)
        with TemporaryDirectory(dir=_IN_MEMORY) as folder:
            seeds = range(first_seed + tally.num, first_seed + min(tally.num + _BATCH, num_examples))
            at = context.Value("q", seeds.start, lock=False)
            process = context.Process(
                target=_batch, args=(name, seeds, Path(folder), keep, set(tally.kinds), theirs, at)
            )
            process.start()
            theirs.close()
            end = _follow(ours, process, tally)
            if end:
                tally.num_crashes += 1
                tally.add(News(at.value + 1 - first_seed - tally.num, 0, end))
                _keep(Path(folder), keep / f"crash-{at.value}", end)
    tally.seconds = time.perf_counter() - start
    return tally


def _follow(news: Connection, process: BaseProcess, tally: Tally) -> str:
    """Count what a batch tells until it ends; return how it ended, if that was not as it should."""
    used = 0.0
    try:
        while True:
            if news.poll(_SECONDS_BETWEEN_LOOKS):
                told = news.recv()
                if told is None:
                    return ""
                tally.add(told)
                used = _seconds_used(process)
            elif _seconds_used(process) - used > _SECONDS_WITHOUT_NEWS:
                process.kill()
                return "a hang that Python cannot interrupt"
    except EOFError:
        process.join()
        return f"the process died with exit code {process.exitcode}"
    finally:
        process.join()


def _seconds_used(process: BaseProcess) -> float:
    """Return the processor time of a process: that it waits for its turn on a busy machine is no hang."""
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:  # it has ended, or there is no such file on this system
        return time.monotonic()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _batch(name: str, seeds: range, folder: Path, keep: Path, known: set[str], news: Connection, at: Any) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libtiff and GDAL speak of every damage
    target, num, num_accepted = get_target(name), 0, 0
    for number in seeds:
        kind, at.value = "", number
        try:
            write_files(folder, target.make(Random(number)))
            num_accepted += is_accepted(target.read, folder)
        except BaseException as error:
            kind = _kind(error)
            if kind not in known:
                known.add(kind)
                _keep(folder, keep / str(number), traceback.format_exc())
        num += 1
        if kind or num == _NEWS_EVERY:
            news.send(News(num, num_accepted, kind))
            num = num_accepted = 0
    news.send(News(num, num_accepted))
    news.send(None)


def _kind(error: BaseException) -> str:
    """Name an exception and the last line of ours that it went through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/src/hyperpoint/" in frame.filename]
    where = f"{frames[-1].filename.partition('/src/')[2]}:{frames[-1].lineno}" if frames else "the harness"
    return f"{type(error).__name__} at {where}"


def _keep(folder: Path, to: Path, problem: str) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(folder, to, dirs_exist_ok=True)
    (to / "finding.txt").write_text(problem, encoding="utf-8", errors="replace")


if __name__ == "__main__":
    sys.exit(main())
