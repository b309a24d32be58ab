"""One update of a pipeline in a process of its own: a crash of the engine does not reach the workspace.

Reads a JSON line from standard input (see `UpdateOrder`) and writes JSON lines to standard output:
`{"event": ...}` for each event of the engine, then `{"result": ...}` or `{"error": "..."}`.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from common.errors import UserError
from common.home import Home
from local.workspace.processes.child import die_with_parent

_POLL_SECONDS = 0.5

Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class UpdateOrder:
    """What to run: the pipeline's settings, the folder that its files were written to and the home."""

    home: str
    root: str
    name: str
    libraries: list[str]
    catalog: str
    schema: str
    configuration: dict[str, str]
    full_refresh: bool = False
    select: list[str] = field(default_factory=list)
    full_refresh_select: list[str] = field(default_factory=list)


def main() -> None:
    """Run the order and say how it went."""
    out = os.fdopen(os.dup(1), "w", buffering=1)
    # Whatever else prints (Spark, a pipeline file) goes to the log, not between the JSON lines.
    os.dup2(2, 1)
    lines: SimpleQueue[bytes] = SimpleQueue()
    die_with_parent(lines.put)
    _forget_the_checkout()

    def tell(line: dict[str, Any]) -> None:
        out.write(json.dumps(line, default=_plain) + "\n")

    try:
        _do(UpdateOrder(**json.loads(lines.get())), tell)
    except UserError as error:
        tell({"error": str(error)})
    except Exception as error:
        tell({"error": f"{type(error).__name__}: {error}"})
        raise


def _do(order: UpdateOrder, tell: Tell) -> None:
    with ExitStack() as held:
        _wait_for_lock(Home(Path(order.home)), held, tell)
        tell({"result": _run(order, lambda event: tell({"event": event}))})


def _forget_the_checkout() -> None:
    """Uploaded files must not import from the checkout; `local` itself is loaded and stays reachable."""
    checkout = Path(__file__).resolve().parents[3]
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != checkout]


def _wait_for_lock(home: Home, held: ExitStack, tell: Tell) -> None:
    """Take the home's lock as soon as nobody (a `lakehouse run`, say) holds it."""
    # Late, as in `_run`: the workspace imports this module for `UpdateOrder` and needs none of the engine.
    from local.engine.storage.lock import is_locked, locked

    waiting = False
    while is_locked(home):
        if not waiting:
            tell({"state": "WAITING_FOR_RESOURCES"})
        waiting = True
        time.sleep(_POLL_SECONDS)
    held.enter_context(locked(home, "an update of the local workspace"))


def _run(order: UpdateOrder, on_event: Any) -> Any:
    from local.engine.language.spec import PipelineSpec
    from local.engine.running.update import run_update

    spec = PipelineSpec(
        name=order.name,
        root=Path(order.root),
        libraries=order.libraries,
        catalog=order.catalog,
        schema=order.schema,
        configuration=order.configuration,
    )
    return run_update(
        spec,
        Home(Path(order.home)),
        full_refresh=order.full_refresh,
        select=order.select,
        full_refresh_select=order.full_refresh_select,
        on_event=on_event,
    )


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


if __name__ == "__main__":
    main()
