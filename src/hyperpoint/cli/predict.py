"""`hyperpoint predict`: masks of images and videos, by a trained network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from hyperpoint.cli.common import is_quiet
from hyperpoint.cli.inference import InferenceCommand, inference_options, predictor_from
from hyperpoint.cli.progress import progress_bar

if TYPE_CHECKING:
    from hyperpoint.segment.prediction import PredictionSummary
    from hyperpoint.segment.video import VideoSummary


@click.command("predict", cls=InferenceCommand)
@click.argument("run", type=click.Path())
@click.argument("images", nargs=-1, required=True, type=click.Path())
@click.option("--out", required=True, type=click.Path(), metavar="DIR", help="Folder to write to.")
@click.option(
    "--overlay/--no-overlay",
    default=True,
    show_default=True,
    help="Write the colours of the classes over the image, too; of a video, instead of masks.",
)
@click.option("--confidence", is_flag=True, help="Write the probability of the label, too, as a 16-bit picture.")
@click.option(
    "--white-level",
    type=click.IntRange(1, 65535),
    metavar="VALUE",
    help="Value of 16-bit images that is white, such as 4095 for 12 bits.  [default: 65535]",
)
@click.option(
    "--rotate",
    type=click.Choice(["0", "90", "180", "270"]),
    default="0",
    show_default=True,
    help="Turn cubes counter-clockwise, as numpy.rot90 (LIB-HSI: 270).",
)
@click.option("--frames", type=click.IntRange(min=1), metavar="N", help="Stop a video or camera after N frames.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to stdout.")
@inference_options
def command(
    run: str,
    images: tuple[str, ...],
    out: str,
    overlay: bool,
    confidence: bool,
    white_level: int | None,
    rotate: str,
    frames: int | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Label the pixels of IMAGES with the trained network of RUN.

    RUN is the folder of a training run, or an .onnx file that `hyperpoint export` has written, which needs no PyTorch.
    IMAGES are images of any size, folders, patterns, videos, or the number of a camera, which is stopped by Ctrl-C;
    for a network that sees cubes, cubes. Values of 16 bits are divided by a fixed range (--white-level), and of a
    GeoTIFF with more bands the first three are taken.

    \b
    DIR: for an image <stem>.png (a palette picture of class ids), <stem>_overlay.png, <stem>_confidence.png (65535
    is 1); for a video <stem>_overlay.mp4, or with --no-overlay the masks <stem>/000000.png, ...

    \b
    Examples:
      hyperpoint predict runs/facades photos/ --out masks
      hyperpoint predict facades.onnx photo.tif --out masks --confidence --window 1024 1024
      hyperpoint predict runs/facades walk.mp4 --out videos
      hyperpoint predict runs/facades 0 --out videos --frames 500

    \b
    JSON: {"out", "num_images", "seconds", "images_per_second", "written": [path, ...],
           "videos": [{"path", "num_frames", "seconds", "frames_per_second"}, ...]}
    """
    from hyperpoint.segment.prediction import predict_images
    from hyperpoint.segment.sources import find_sources
    from hyperpoint.segment.video import check_videos, predict_video

    predictor = predictor_from(run, options)
    pictures, videos = find_sources(images, cubes=predictor.input.needs_cube)
    if videos:
        check_videos(videos, out, with_overlay=overlay)
    done = None
    with progress_bar("predicting") as progress:
        if pictures:
            done = predict_images(
                predictor, pictures, out, with_overlay=overlay, with_confidence=confidence, white_level=white_level,
                rotate=int(rotate), progress=progress,
            )  # fmt: skip
        films = [
            predict_video(predictor, video, out, with_overlay=overlay, max_frames=frames, progress=progress)
            for video in videos
        ]
    if as_json:
        click.echo(json.dumps(_as_dict(done, films, out)))
    elif not is_quiet():
        _tell(done, films, out)


def _as_dict(done: PredictionSummary | None, films: list[VideoSummary], out: str) -> dict[str, Any]:
    return {
        "out": out,
        "num_images": done.num_images if done else 0,
        "seconds": round(done.seconds, 3) if done else 0.0,
        "images_per_second": round(done.images_per_second, 3) if done else None,
        "written": [str(path) for path in done.written] if done else [],
        "videos": [
            {
                "path": str(film.path),
                "num_frames": film.num_frames,
                "seconds": round(film.seconds, 3),
                "frames_per_second": round(film.frames_per_second, 3),
            }
            for film in films
        ],
    }


def _tell(done: PredictionSummary | None, films: list[VideoSummary], out: str) -> None:
    if done is not None:
        click.echo(
            f"wrote {len(done.written)} files to {out}: {done.num_images} images in {done.seconds:.1f} s, "
            f"{done.images_per_second:.2f} a second (the network alone: "
            f"{done.num_images / done.network_seconds:.2f})"
        )
    for film in films:
        click.echo(
            f"wrote {film.path}: {film.num_frames} frames of {film.height} x {film.width} pixels in "
            f"{film.seconds:.1f} s, {film.frames_per_second:.1f} frames a second (the network alone: "
            f"{film.num_frames / film.network_seconds:.1f})"
        )
