"""What of a SQL query over streams has to remember rows of earlier updates."""

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from local.engine.evaluating.seen_plan import AGGREGATE
from local.engine.language.sql_queries import bind, references

CLAUSES = {
    "distinct": "DISTINCT of a stream",
    "group": AGGREGATE,
    "limit": "a limit of a stream",
}


def what_needs_state(query: str) -> str | None:
    """What needs state, if anything: what is new of the streams is not enough for it."""
    found = references(query)
    names = [f"__source_{number}" for number in range(len(found))]
    streams = {name for name, reference in zip(names, found, strict=True) if reference.is_stream}
    if not streams:
        return None
    try:
        tree = parse_one(bind(query, names), dialect="databricks")
    except SqlglotError:
        # The engine will say what is wrong with it.
        return None
    states = [state for select in tree.find_all(exp.Select) if (state := _state(select, streams))]
    return AGGREGATE if AGGREGATE in states else next(iter(states), None)


def _state(select: exp.Select, streams: set[str]) -> str | None:
    read = {table.name for table in select.find_all(exp.Table)} & streams
    if not read:
        return None
    clauses = [said for clause, said in CLAUSES.items() if select.args.get(clause)]
    if clauses:
        return clauses[0]
    if len(read) > 1 and select.args.get("joins"):
        return "a join of two streams"
    if any(column.find(exp.AggFunc) and not column.find(exp.Window) for column in select.expressions):
        return CLAUSES["group"]
    windows = any(column.find(exp.Window) for column in select.expressions)
    return "a window function over a stream" if windows or select.args.get("qualify") else None
