"""`windmill-lite`: alone it serves; with a command it administers."""

from __future__ import annotations

import sys
from typing import Any

import click

from windmill_lite import __version__
from windmill_lite.base.errors import Refusal
from windmill_lite.cli.options import all_options, environment_help


class Commands(click.Group):
    """Imports a command's rooms when it is asked for: `version` need not load the appliance."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [
            "backup",
            "doctor",
            "runtime",
            "secret-key",
            "token",
            "user",
            "version",
            "workspace",
        ]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        match cmd_name:
            case "backup":
                from windmill_lite.cli.backup import backup

                return backup
            case "doctor":
                from windmill_lite.cli.doctor import doctor

                return doctor
            case "runtime":
                from windmill_lite.cli.runtime import runtime

                return runtime
            case "secret-key":
                from windmill_lite.cli.secret_key import secret_key

                return secret_key
            case "token" | "user" | "workspace":
                from windmill_lite.cli import people

                return {"token": people.token, "user": people.user}.get(cmd_name, people.workspace)
        return super().get_command(ctx, cmd_name)


@click.group(
    name="windmill-lite",
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=environment_help(),
)
@click.version_option(__version__, prog_name="windmill-lite")
@all_options
@click.pass_context
def group(ctx: click.Context, /, **values: Any) -> None:
    """Scripts become jobs, forms and webhooks, in one executable.

    Without a command it serves: API, scheduler, worker and browser UI in one process on SQLite, or
    the roles you name against one Postgres.
    """
    ctx.obj = values
    if ctx.invoked_subcommand is None:
        from windmill_lite.cli.serve import serve

        serve(values)


@group.command()
def version() -> None:
    """Print the version."""
    click.echo(f"windmill-lite {__version__}")


def cli() -> None:
    """Runs the command line; every refusal is one line on standard error and its exit code."""
    try:
        group(prog_name="windmill-lite", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("aborted", err=True)
        sys.exit(130)
    except Refusal as refusal:
        click.echo(f"windmill-lite: {refusal.message}", err=True)
        sys.exit(refusal.exit_code)
