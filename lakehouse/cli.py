"""The command line: `lakehouse`."""

import sys

import typer

from common.errors import UserError
from lakehouse.commands import (
    check,
    demo,
    dev,
    dictionary,
    drift,
    generate,
    load_olist,
    parity,
    plan_summary,
    quality,
    rehearse,
    run,
    sql,
    tables,
    vacuum,
    workspace,
)

COMMANDS = (
    demo,
    generate,
    load_olist,
    run,
    dev,
    check,
    sql,
    quality,
    tables,
    vacuum,
    workspace,
    rehearse,
    parity,
    plan_summary,
    drift,
    dictionary,
)

app = typer.Typer(
    name="lakehouse",
    help="An Olist lakehouse on one machine, and the tools of its Databricks deployment.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in COMMANDS:
    command.register(app)


def main() -> None:
    """Runs a command; a user's slip is one line on standard error and exit code 1."""
    try:
        app(prog_name="lakehouse")
    except (UserError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
