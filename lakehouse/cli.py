"""The command line: `lakehouse`."""

import gc
import sys

import typer

from common.errors import UserError
from lakehouse.commands import (
    check,
    contract,
    demo,
    dev,
    dictionary,
    diff,
    drift,
    erase,
    generate,
    health,
    lineage,
    load_olist,
    parity,
    plan_summary,
    quality,
    rebuild,
    rehearse,
    run,
    sql,
    tables,
    test,
    trace,
    ui,
    vacuum,
    workspace,
)

COMMANDS = (
    demo,
    generate,
    load_olist,
    run,
    rebuild,
    erase,
    dev,
    check,
    test,
    diff,
    ui,
    sql,
    quality,
    health,
    lineage,
    trace,
    tables,
    vacuum,
    workspace,
    rehearse,
    parity,
    plan_summary,
    drift,
    dictionary,
    contract,
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


# New objects before Python looks for garbage, and looks before it looks at all objects. What a command imports lives
# until its end: by default a fifth of its time goes into looking through that.
GARBAGE = (100_000, 50, 50)
# How typer ends a command at Ctrl-C.
INTERRUPTED = 130


def main() -> None:
    """Runs a command; a user's slip is one line on standard error and exit code 1."""
    gc.set_threshold(*GARBAGE)
    try:
        app(prog_name="lakehouse")
    except (UserError, OSError) as error:
        sys.exit(f"error: {error}")
    except SystemExit as end:
        sys.exit("stopped" if end.code == INTERRUPTED else end.code)
    finally:
        gc.freeze()
