"""`hyperpoint completion`: shell completion."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the script that completes hyperpoint's commands and options in SHELL.

    \b
    bash:  eval "$(hyperpoint completion bash)"            # in ~/.bashrc
    zsh:   eval "$(hyperpoint completion zsh)"             # in ~/.zshrc
    fish:  hyperpoint completion fish | source             # in ~/.config/fish/config.fish
    """
    root = click.get_current_context().find_root().command
    completion = get_completion_class(shell)
    assert completion is not None
    click.echo(completion(root, {}, "hyperpoint", "_HYPERPOINT_COMPLETE").source())
