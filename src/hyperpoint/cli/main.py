"""The command `hyperpoint`: finds the subcommand, and turns errors into one line and an exit status."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from hyperpoint.cli.common import add_common_options, log_at
from hyperpoint.errors import HyperpointError

# Every command is the object `command` of the module hyperpoint.cli.<name, with underscores>.
COMMANDS = (
    "inspect",
    "points",
    "annotate",
    "annotate-set",
    "suggest",
    "library",
    "score",
    "datasets",
    "manifest",
    "models",
    "train",
    "evaluate",
    "predict",
    "export",
    "synth",
    "demo",
    "reproduce",
    "recipes",
    "studio",
    "doctor",
    "completion",
)

EXIT_BAD_INPUT = 2


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are called, so that each starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"hyperpoint.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return add_common_options(command)


def _print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"hyperpoint {version('hyperpoint')}")
        ctx.exit()


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
)
def cli() -> None:
    """Label a few points on a hyperspectral scene; get a label for every pixel.

    \b
    A first round trip on synthetic scenes:
      hyperpoint synth scenes --layout lib-hsi --scenes 3
      hyperpoint inspect scenes/train/reflectance_cubes/0001.hdr
      hyperpoint demo --out demo
    """


add_common_options(cli)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 fine, 1 failed, 2 bad input, 130 interrupted."""
    argv = list(sys.argv[1:] if arguments is None else arguments)
    log_at(logging.WARNING)
    try:
        status = cli.main(args=argv, prog_name="hyperpoint", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except click.exceptions.Abort:
        return _complain("interrupted", 130)
    except (click.ClickException, HyperpointError, OSError, MemoryError) as error:
        if "--debug" in argv:
            raise
        return _report(error)


def _report(error: Exception) -> int:
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has seen enough; do not let the interpreter complain about it when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message())
        return EXIT_BAD_INPUT
    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx else "hyperpoint"
        return _complain(f"{error.format_message()} (see `{command} --help`)", EXIT_BAD_INPUT)
    if isinstance(error, click.ClickException):
        return _complain(error.format_message(), EXIT_BAD_INPUT)
    if isinstance(error, MemoryError):
        return _complain(f"not enough memory: {error}", 1)
    return _complain(str(error), EXIT_BAD_INPUT if isinstance(error, HyperpointError) else 1)


def _complain(message: str, status: int) -> int:
    click.echo(f"hyperpoint: {' '.join(message.split())}", err=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
