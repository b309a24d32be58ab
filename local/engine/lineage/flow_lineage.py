"""The lineage of what a flow writes: of a query, and of change events and snapshots that AUTO CDC applies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pyspark.sql.types import StructType

from local.engine.lineage.plan_relations import Relations
from local.engine.lineage.traced_rows import Column, TracedRows
from local.engine.lineage.traced_values import NOTHING, Lineage, TracedValue, merged


@dataclass(frozen=True)
class QueryColumns:
    """The columns of a query: their origins, and the types that the engine gave them. `sources` are what it reads."""

    relations: Relations
    rows: TracedRows
    schema: StructType
    sources: tuple[str, ...]

    def written_to(self, schema: StructType, dropping: Iterable[Any] = ()) -> Lineage:
        """What they are in a table of these columns, whose drop rules are expressions of SQL or of a plan."""
        columns = self._cast_to(schema)
        own = TracedRows(tuple(Column(name, value) for name, value in columns.items()))
        broken = (self.relations.value(one, own).used_for("FILTER") for one in dropping)
        return Lineage(columns, merged([self.rows.conditions, *broken]), self.sources)

    def value(self, expression: Any) -> TracedValue:
        """The origin of an expression, of SQL or of a plan, over the query's rows; of none nothing."""
        return NOTHING if expression is None else self.relations.value(expression, self.rows)

    def column(self, name: str) -> TracedValue:
        """The origin of one column."""
        fields, columns = self.schema.fields, self.rows.columns
        places = [place for place, field in enumerate(fields) if field.name.lower() == name.lower()]
        if len(places) == 1 and self.rows.rest is None and len(columns) == len(fields):
            column = columns[places[0]]
            if column.name is None or column.is_named(name):
                return column.value
        return self.rows.value([name])

    def _cast_to(self, schema: StructType) -> dict[str, TracedValue]:
        """The columns of a table; one that the query lacks is null."""
        given = {field.name.lower(): field for field in self.schema.fields}
        found: dict[str, TracedValue] = {}
        for field in schema.fields:
            own = given.get(field.name.lower())
            value = self.column(own.name) if own else NOTHING
            found[field.name] = value.changed() if own and own.dataType != field.dataType else value
        return found


@dataclass(frozen=True)
class Changes:
    """How AUTO CDC makes a target of the rows that it is given.

    `names` are the target's own columns, `tracked` those that open a version of SCD type 2; `started` names the column
    in which a version begins, `ended` that in which it ends. Expressions are as QueryColumns takes them.
    """

    names: Sequence[str]
    keys: Sequence[str]
    sequence: Any = None
    deciding: Sequence[Any] = ()
    tracked: Sequence[str] = ()
    started: str | None = None
    ended: str | None = None


def changed_by(given: QueryColumns, changes: Changes, schema: StructType, dropping: Iterable[Any]) -> Lineage:
    """The lineage of a target of AUTO CDC."""
    lineage = given.written_to(schema, dropping)
    own = {name.lower() for name in changes.names}
    columns = {name: value if name.lower() in own else NOTHING for name, value in lineage.columns.items()}
    sequence = given.value(changes.sequence)
    if changes.started:
        columns |= {changes.started: sequence, str(changes.ended): sequence.changed()}
    rows = [
        lineage.rows,
        *(given.column(name).used_for("GROUP_BY") for name in changes.keys),
        sequence.used_for("SORT"),
        *(given.value(one).used_for("FILTER") for one in changes.deciding),
        *(given.column(name).used_for("FILTER") for name in changes.tracked),
    ]
    return replace(lineage, columns=columns, rows=merged(rows))


def untold(schema: StructType, reason: str) -> Lineage:
    """The lineage of columns of which nothing is known."""
    value = TracedValue.untold(reason)
    return Lineage(dict.fromkeys(schema.names, value), value)


def as_json(lineage: Lineage) -> dict[str, Any]:
    """What is kept: each column's uses by dataset and column, and what of it is not known."""
    return {
        "columns": {name: _value_as_json(value) for name, value in lineage.columns.items()},
        "rows": _value_as_json(lineage.rows),
        "sources": list(lineage.sources),
    }


def _value_as_json(value: TracedValue) -> dict[str, Any]:
    uses: dict[str, dict[str, list[str]]] = {}
    for origin, found in sorted(value.uses.items()):
        uses.setdefault(origin.dataset, {})[origin.column] = sorted(found)
    return {"uses": uses} | ({"unknown": sorted(value.unknown)} if value.unknown else {})
