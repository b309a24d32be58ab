"""One update of a pipeline in a process of its own: a crash of the engine does not reach the workspace.

Reads a JSON line from standard input, an `UpdateOrder`, and writes JSON lines to standard output, each a `Told`.
"""

import json
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from common.checkout import REPOSITORY
from common.errors import UserError
from common.home import Home
from local.engine.running.events import Event, OnEvent
from local.workspace.processes.child import conversation

if TYPE_CHECKING:
    from local.engine.language.spec import PipelineSpec

_POLL_SECONDS = 0.5


@dataclass(frozen=True)
class UpdateOrder:
    """What to run: the pipeline's settings, the folder that its files were written to and the home.

    With `validate_only` nothing runs: what of the pipeline is wrong is the error.
    """

    home: str
    root: str
    name: str
    libraries: list[str]
    catalog: str
    schema: str
    configuration: dict[str, str]
    full_refresh: bool = False
    validate_only: bool = False
    select: list[str] = field(default_factory=list)
    full_refresh_select: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Told:
    """What the worker says, one of these: it waits for the home; an event of the engine; and as its last word an error
    or what the update wrote, the last event of each dataset.
    """

    waits: bool = False
    event: Event | None = None
    written: list[Event] | None = None
    error: str | None = None

    @classmethod
    def of(cls, line: bytes) -> "Told":
        """It, read back from its line."""
        fields = json.loads(line)
        event, written = fields["event"], fields["written"]
        return cls(
            waits=fields["waits"],
            event=Event.of(event) if event else None,
            written=None if written is None else [Event.of(one) for one in written],
            error=fields["error"],
        )


def main() -> None:
    """Run the order and say how it went."""
    lines, out = conversation()
    forget_the_checkout()

    def tell(told: Told) -> None:
        out.write(json.dumps(asdict(told)) + "\n")

    try:
        _do(UpdateOrder(**json.loads(lines.get())), tell)
    except UserError as error:
        tell(Told(error=str(error)))
    except Exception as error:
        tell(Told(error=f"{type(error).__name__}: {error}"))
        raise


def _do(order: UpdateOrder, tell: Callable[[Told], None]) -> None:
    if order.validate_only:
        _validate(order)
        tell(Told(written=[]))
        return
    with ExitStack() as held:
        home = Home(Path(order.home))
        wait_for_lock(home, "an update of the local workspace", held, lambda: tell(Told(waits=True)))
        tell(Told(written=_run(order, lambda event: tell(Told(event=event)))))


def forget_the_checkout() -> None:
    """Uploaded files must not import from the checkout; `local` itself is loaded and stays reachable."""
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != REPOSITORY]


def wait_for_lock(home: Home, purpose: str, held: ExitStack, on_wait: Callable[[], None]) -> None:
    """Take the home's lock as soon as nobody (a `lakehouse run`, say) holds it."""
    # Late, as in `_run`: the workspace imports this module for its forms alone, and starts without the engine.
    from local.engine.storage.lock import is_locked, locked

    if is_locked(home):
        on_wait()
    while is_locked(home):
        time.sleep(_POLL_SECONDS)
    held.enter_context(locked(home, purpose))


def _validate(order: UpdateOrder) -> None:
    from local.engine.checking.check import check

    spec = _spec_of(order)
    wrong = [one for one in check([spec], Home(Path(order.home))) if one.level == "error"]
    if wrong:
        raise UserError("\n".join(f"{one.place.shown(spec.root)}: {one.message}" for one in wrong))


def _spec_of(order: UpdateOrder) -> "PipelineSpec":
    from local.engine.language.spec import PipelineSpec

    return PipelineSpec(
        name=order.name,
        root=Path(order.root),
        libraries=order.libraries,
        catalog=order.catalog,
        schema=order.schema,
        configuration=order.configuration,
    )


def _run(order: UpdateOrder, on_event: OnEvent) -> list[Event]:
    from local.engine.running.update import run_update

    result = run_update(
        _spec_of(order),
        Home(Path(order.home)),
        full_refresh=order.full_refresh,
        select=order.select,
        full_refresh_select=order.full_refresh_select,
        on_event=on_event,
    )
    return result.datasets


if __name__ == "__main__":
    main()
