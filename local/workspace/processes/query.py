"""One query in a process of its own; reads an `Order` as a line of JSON and writes a `Told`."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import SimpleQueue

from common.errors import UserError
from common.home import Home
from local.workspace.processes.child import die_with_parent


@dataclass(frozen=True)
class QueryOrder:
    """A query on the tables of a home."""

    home: str
    statement: str


@dataclass(frozen=True)
class QueryAnswer:
    """What it gave, each value as text; or why it failed."""

    columns: list[str] = field(default_factory=list)
    rows: list[list[str | None]] = field(default_factory=list)
    error: str | None = None


def main() -> None:
    """Answer the order on standard input."""
    out = os.fdopen(os.dup(1), "w")
    # Whatever else prints goes to the log, not into the answer.
    os.dup2(2, 1)
    lines: SimpleQueue[bytes] = SimpleQueue()
    die_with_parent(lines.put)
    out.write(json.dumps(asdict(_answer(QueryOrder(**json.loads(lines.get()))))) + "\n")
    out.flush()


def _answer(order: QueryOrder) -> QueryAnswer:
    # Late: the workspace imports this module for its forms alone, and starts without the engine.
    from local.engine.running.querying import query

    try:
        found = query(Home(Path(order.home)), order.statement)[0]
    except UserError as error:
        return QueryAnswer(error=str(error))
    rows = [[None if value is None else str(value) for value in row] for row in found.rows]
    return QueryAnswer(columns=list(found.columns), rows=rows)


if __name__ == "__main__":
    main()
