"""Make a table or figure of the paper, and write it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from hyperpoint.catalog.dataset import load_dataset
from hyperpoint.errors import InputError, MissingExtraError
from hyperpoint.io.files import StrPath, check_writable, make_folder, write_json
from hyperpoint.reproduce.keeping import Kept
from hyperpoint.reproduce.protocol import Protocol
from hyperpoint.reproduce.record import describe_machine
from hyperpoint.reproduce.report import Report
from hyperpoint.reproduce.sizes import FULL, Size
from hyperpoint.reproduce.study import Progress, Study, quiet, silent

DATASETS = ("lib-hsi", "hsicity2")
KEPT = "kept"
_TRAINING_PACKAGES = (
    "torch", "torchvision", "timm", "lightning", "segmentation_models_pytorch", "safetensors", "tensorboardX",
)  # fmt: skip


class Experiment(NamedTuple):
    """A table or figure: the module and function that make it, what it needs, and which data set it is of alone."""

    module: str
    function: str
    networks: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    only_dataset: str | None = None


_THREE = ("fcn", "deeplab", "hrnet")
EXPERIMENTS = {
    "table1": Experiment("table1", "run", packages=("torch",)),
    "table2": Experiment("segmentation", "run_table2", _THREE, _TRAINING_PACKAGES, "lib-hsi"),
    "table3": Experiment("segmentation", "run_table3", _THREE, _TRAINING_PACKAGES, "hsicity2"),
    "table4": Experiment("table4", "run", (*_THREE, "pspnet"), _TRAINING_PACKAGES),
    "fig2": Experiment("fig2", "run", packages=("matplotlib",)),
    "fig3": Experiment("fig3", "run", packages=("matplotlib",)),
    "fig5": Experiment("fig5", "run", packages=("matplotlib", "torch")),
    "fig6": Experiment("fig6", "run", ("hrnet",), ("matplotlib", *_TRAINING_PACKAGES)),
    "fig7": Experiment("fig7", "run", ("hrnet",), ("matplotlib", *_TRAINING_PACKAGES)),
    "fig8": Experiment("fig8", "run", (), ("matplotlib", *_TRAINING_PACKAGES)),
}


@dataclass(frozen=True, eq=False)
class Outcome:
    """What was made: the `files` written, the `report` in them, and what went wrong with parts of it."""

    files: tuple[Path, ...]
    report: Report
    problems: tuple[str, ...]


def reproduce(
    name: str,
    dataset: str,
    root: StrPath,
    out: StrPath,
    *,
    size: Size = FULL,
    protocol: Protocol | None = None,
    weights: str | None = None,
    steps: int | None = None,
    iterations: int | None = None,
    only: Sequence[str] = (),
    progress: Progress = silent,
) -> Outcome:
    """Make a table or figure of the paper from a copy of its data set.

    Annotations, trainings and scores are kept in `out`/kept by all that they depend on: a rerun goes on where the last
    one stopped, and other tables and figures of the same folder use what is there.

    Parameters
    ----------
    name
        One of `EXPERIMENTS`.
    dataset, root
        "lib-hsi" or "hsicity2", and the folder that its splits lie in.
    out
        Folder to write <name>.csv, .md and .json to, and .png and .svg of figures; made if need be.
    size
        How much is computed.
    protocol
        How points are drawn; None: as `Protocol` says.
    weights
        What RGB networks start from: "imagenet", "none" or a file; None: as the size says.
    steps
        Of RGB networks; None: as the size says.
    iterations
        Of the TwoCNN that annotates, which its recipe's name then bears; None: as the size says.
    only
        Train only what has one of these texts in its name; the cells of the others stay empty unless they are kept.
    progress
        Told (done, total, what).

    Raises
    ------
    InputError
        If there is no such experiment or data set, the table is of the other data set, a split is missing, or
        ImageNet weights cannot be had.
    MissingExtraError
        If a package is missing.
    MissingFileError
        If the data set is not at `root`.
    """
    experiment = _checked(name, dataset)
    folder = Path(out)
    make_folder(folder)
    check_writable(folder / f"{name}.json")
    if steps is not None:
        size = replace(size, settings={**size.settings, "steps": steps})
    if iterations is not None:
        size = replace(size, twocnn_iterations=iterations)
    study = Study(
        load_dataset(dataset), Path(root), size, protocol or Protocol(), weights or size.weights,
        Kept(folder / KEPT), only, progress,
    )  # fmt: skip
    _check_weights(study, experiment)
    start, began = time.perf_counter(), datetime.now(UTC)
    module = import_module(f"hyperpoint.reproduce.{experiment.module}")
    with quiet():
        report: Report = getattr(module, experiment.function)(study)
    files = report.write(folder)
    record = folder / f"{name}.json"
    write_json(record, _record(name, study, report, began, time.perf_counter() - start))
    return Outcome((*files, record), report, tuple(study.problems))


def _checked(name: str, dataset: str) -> Experiment:
    if name not in EXPERIMENTS:
        raise InputError(f"unknown table or figure {name!r}; known are: {', '.join(EXPERIMENTS)}")
    if dataset not in DATASETS:
        raise InputError(f"the paper's data sets are {' and '.join(DATASETS)}; got {dataset!r}")
    experiment = EXPERIMENTS[name]
    if experiment.only_dataset not in (None, dataset):
        other = next(key for key, one in EXPERIMENTS.items() if one.only_dataset == dataset)
        raise InputError(f"{name} is of the data set {experiment.only_dataset}; that of {dataset} is {other}")
    for package in experiment.packages:
        if find_spec(package) is None:
            raise MissingExtraError(f"reproducing {name}", package, "reproduce")
    return experiment


def _check_weights(study: Study, experiment: Experiment) -> None:
    """Make sure, before anything that takes time, that the weights which networks start from are there."""
    if study.weights == "none" or not experiment.networks:
        return
    from hyperpoint.segment.models.pretrained import weights_file

    for network in experiment.networks:
        weights_file(study.size.models[network], study.weights)


def _record(name: str, study: Study, report: Report, began: datetime, seconds: float) -> dict[str, Any]:
    return {
        "name": name,
        "dataset": study.dataset.name,
        "root": str(study.root),
        "began": began.isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "size": {**asdict(study.size), "models": dict(study.size.models)},
        "protocol": asdict(study.protocol),
        "weights": study.weights,
        "only": list(study.only),
        "seeds": {"annotations": list(study.seeds), "networks": list(study.network_seeds)},
        "scenes": {"train": [row.id for row in study.train_rows], "test": [row.id for row in study.test_rows]},
        "results": {"found": study.kept.num_found, "made": study.kept.num_made},
        "machine": describe_machine(),
        "problems": list(study.problems),
        "tables": {table.name: [dict(row) for row in table.rows] for table in report.tables},
        **report.facts,
    }
