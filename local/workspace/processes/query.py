"""One query in a process of its own; reads a `QueryOrder` as a line of JSON and writes a `QueryAnswer`."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from common.errors import UserError
from common.home import Home
from local.workspace.processes.child import conversation


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
    lines, out = conversation()
    out.write(json.dumps(asdict(_answer(QueryOrder(**json.loads(lines.get()))))) + "\n")


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
