"""`hyperpoint evaluate`: the score of a trained network on images whose labels are known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from hyperpoint.cli.common import is_quiet
from hyperpoint.cli.inference import InferenceCommand, inference_options, predictor_from
from hyperpoint.cli.progress import progress_bar

if TYPE_CHECKING:
    from hyperpoint.segment.evaluation import Evaluation


@click.command("evaluate", cls=InferenceCommand)
@click.argument("run", type=click.Path())
@click.argument("manifest", type=click.Path())
@click.option("--split", default="test", show_default=True, help="Which images of MANIFEST to score.")
@click.option("--out", type=click.Path(), metavar="DIR", help="Write a report: JSON, HTML and pictures.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to stdout.")
@inference_options
def command(run: str, manifest: str, split: str, out: str | None, as_json: bool, **options: Any) -> None:
    """Score the trained network of RUN on the images of MANIFEST that are of a split.

    RUN is the folder of a training run, or an .onnx file that `hyperpoint export` has written. Pixels are pooled over
    the images, those without truth (255) are not counted, and means are over the classes in the truth.

    \b
    Examples:
      hyperpoint evaluate runs/facades data/manifest.csv --out reports/facades
      hyperpoint evaluate runs/facades data/manifest.csv --scales 0.5 1 1.5 --flip
      hyperpoint evaluate facades.onnx data/manifest.csv --split val --window 512 512 --json

    \b
    DIR: report.html, evaluation.json (with the score of every image), confusion_matrix.png, worst/.

    \b
    JSON: {"accuracy", "mean_accuracy", "miou", "coverage", "num_pixels",
           "per_class": [{"id", "name", "iou", "accuracy", "support"}, ...],
           "boundary": {"width" (px), "share_of_errors", "share_of_pixels", "accuracy_close", "accuracy_away"},
           "split", "num_images", "seconds", "images_per_second",
           "worst": [{"id", "miou", "accuracy", "num_pixels"}, ...]}
    where shares lie in 0..1, null means that there is nothing to take a share of, and support counts pixels.
    """
    from hyperpoint.io.manifest import read_manifest
    from hyperpoint.segment.evaluation import evaluate

    content = read_manifest(manifest, splits=(split,))
    predictor = predictor_from(run, options)
    if out is not None:
        from hyperpoint.segment.evaluation_report import check_report_folder

        check_report_folder(out)
    with progress_bar("evaluating") as progress:
        found = evaluate(predictor, content, split, progress=progress)
    if out is not None:
        from hyperpoint.segment.evaluation_report import write_report

        about = {"network": run, "architecture": predictor.facts.architecture, "manifest": manifest, "split": split}
        write_report(found, out, {**about, "inference": str(predictor.inference), "computed by": predictor.engine})
    _tell(found, out, as_json)


def _tell(found: Evaluation, out: str | None, as_json: bool) -> None:
    scores = found.to_dict()
    if as_json:
        click.echo(json.dumps(scores))
        return
    if is_quiet():
        return
    from hyperpoint.cli.score import print_scores

    print_scores(scores)
    close, near = found.boundaries.share_of_errors, found.boundaries.share_of_pixels
    if close == close:  # there are errors
        click.echo(
            f"{100 * close:.1f} % of the errors lie within {found.boundaries.width} px of a class boundary, as do "
            f"{100 * near:.1f} % of the pixels"
        )
    click.echo(f"{len(found.images) / found.seconds:.1f} images a second")
    if out is not None:
        click.echo(f"wrote {out}: report.html, evaluation.json, confusion_matrix.png, worst/")
