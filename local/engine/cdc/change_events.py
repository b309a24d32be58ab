"""Change events as their flow sees them: the target's columns, the sequence, and what the event does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, BooleanType, DataType, MapType, StructField, StructType

from common.errors import UserError
from local.engine.cdc.comparing import column, matching, order_fields
from local.engine.language.model import CdcFlow, Expectation, SnapshotCdcFlow
from local.engine.language.schemas import nullable

SEQUENCE = "__sequence"
DELETED = "__deleted"
TRUNCATES = "__truncates"
START_AT = "__START_AT"
END_AT = "__END_AT"


@dataclass(frozen=True)
class Events:
    """Change events. `rows` has the target's columns, then SEQUENCE, DELETED and, where it can be, TRUNCATES.

    `schema` is that of `rows`: it is asked for once, and what is made of the events has it, too.
    """

    flow: CdcFlow
    rows: DataFrame
    schema: StructType
    keys: list[str]
    names: list[str]

    @property
    def fields(self) -> list[StructField]:
        """The target's columns, without what type 2 adds."""
        return [self.schema[name] for name in self.names]

    @property
    def sequence_type(self) -> DataType:
        """The type of the sequence."""
        return self.schema[SEQUENCE].dataType

    @property
    def identity(self) -> list[str]:
        """What tells events of one sequence apart: the keys, and whether it is a truncation, which has a null key."""
        return [*self.keys, TRUNCATES] if TRUNCATES in self.schema.names else self.keys

    def order(self, sequence: Column | None = None) -> list[Column]:
        """What orders events, in turn."""
        return order_fields(column(SEQUENCE) if sequence is None else sequence, self.sequence_type)

    def with_rows(self, rows: DataFrame) -> "Events":
        """Other events with the same columns."""
        return replace(self, rows=rows)

    def with_truncates(self) -> "Events":
        """The same events with TRUNCATES."""
        if TRUNCATES in self.schema.names:
            return self
        schema = StructType([*self.schema.fields, StructField(TRUNCATES, BooleanType())])
        return replace(self, rows=with_truncates(self.rows, self.schema), schema=schema)

    def narrowed_to(self, names: list[str]) -> "Events":
        """The same events with fewer of the target's columns."""
        shown = [*names, *(name for name in (SEQUENCE, DELETED, TRUNCATES) if name in self.schema.names)]
        schema = StructType([self.schema[name] for name in shown])
        return replace(self, rows=self.rows.select(*map(column, shown)), schema=schema, names=names)


def read_events(flow: CdcFlow, events: DataFrame, declared: StructType | None) -> Events:
    """The flow's events, cast to the columns that the target declares; UserError for a column that is not there."""
    names = target_columns(flow, events.columns)
    keys = resolved_columns(flow, names, flow.keys)
    _refuse(flow, names)
    types = {} if declared is None else {f.name.lower(): f.dataType for f in declared.fields}
    marks = [_expression(flow.sequence_by).alias(SEQUENCE), _condition(flow.apply_as_deletes).alias(DELETED)]
    if flow.apply_as_truncates is not None:
        marks.append(_condition(flow.apply_as_truncates).alias(TRUNCATES))
    values = [_cast(column(name), types.get(name.lower())).alias(name) for name in names]
    rows = events.select(*values, *marks)
    return Events(flow, rows, nullable(rows.schema), keys, names)


def with_truncates(rows: DataFrame, schema: StructType) -> DataFrame:
    """The rows, which have this schema, with TRUNCATES."""
    return rows if TRUNCATES in schema.names else rows.withColumn(TRUNCATES, F.lit(False))


def expected_of_events(flow: CdcFlow, expectations: Sequence[Expectation]) -> tuple[Expectation, ...]:
    """The expectations of the target as its change events have to meet them.

    A constraint is the table's: what an event that deletes has in its columns becomes no row of it.
    """
    gone = _condition(flow.apply_as_deletes) | _condition(flow.apply_as_truncates)
    return tuple(
        replace(each, predicate=_expression(each.predicate) | gone) if each.is_constraint else each
        for each in expectations
    )


def _refuse(flow: CdcFlow, names: Sequence[str]) -> None:
    what = None
    if flow.stored_as_scd_type == 2 and flow.apply_as_truncates is not None:
        what = "apply_as_truncates is for SCD type 1: leave it out, or store the target as type 1"
    if flow.stored_as_scd_type == 2 and {START_AT, END_AT} & set(names):
        what = f"{START_AT} and {END_AT} are columns of type 2's own: name them in except_column_list"
    if what:
        raise UserError(f"AUTO CDC into {flow.target}: {what}")


def target_columns(flow: CdcFlow, columns: Sequence[str]) -> list[str]:
    """The columns of the events that the target has, as the events spell them; UserError for one that is not there."""
    if flow.column_list is not None:
        return resolved_columns(flow, columns, flow.column_list)
    left_out = {name.lower() for name in resolved_columns(flow, columns, flow.except_column_list)}
    return [name for name in columns if name.lower() not in left_out]


def resolved_columns(
    flow: CdcFlow | SnapshotCdcFlow, columns: Sequence[str], names: Iterable[str]
) -> list[str]:
    """The names as the columns spell them; UserError for one that is none of them."""
    spelled = {name.lower(): name for name in columns}
    for name in names:
        if name.lower() not in spelled:
            raise UserError(
                f"AUTO CDC into {flow.target}: there is no column {name}; "
                f"the columns are {', '.join(columns)}"
            )
    return [spelled[name.lower()] for name in names]


def _expression(given: str | Column) -> Column:
    return F.expr(given) if isinstance(given, str) else given


def _condition(given: str | Column | None) -> Column:
    return F.lit(False) if given is None else F.coalesce(_expression(given), F.lit(False))


def _cast(value: Column, data_type: DataType | None) -> Column:
    return value if data_type is None else value.cast(data_type)


@dataclass(frozen=True)
class Count:
    """Of a batch of events: how many there are, and how many identities come more than once."""

    events: int
    repeated: int


def count_events(events: Events, identity: Sequence[Column]) -> Count:
    """Counts the events by what should be theirs alone; UserError when one has no sequence."""
    each = events.rows.groupBy(*[one.alias(f"_{number}") for number, one in enumerate(identity)]).agg(
        F.count(F.lit(1)).alias("events"), F.count(column(SEQUENCE)).alias("sequenced")
    )
    # Names that nobody need be asked for.
    sums = [
        F.sum("events").alias("events"),
        F.count_if(F.col("events") > 1).alias("repeated"),
        F.sum("sequenced").alias("sequenced"),
    ]
    total, repeated, sequenced = (number or 0 for number in each.agg(*sums).collect()[0])
    if sequenced < total:
        target = events.flow.target
        raise UserError(f"AUTO CDC into {target}: a change event has no sequence; expect one before the flow")
    return Count(total, repeated)


def latest_events(events: Events, identity: Sequence[Column]) -> DataFrame:
    """Of the events of each identity the last.

    Databricks leaves open which of two events of a key with one sequence stays. Here a deletion does, then the greater
    values, so that the order of arrival decides nothing within a batch.
    """
    values = [column(field.name) for field in events.fields if _orders(field.dataType)]
    order = [one.desc_nulls_last() for one in [*events.order(), column(DELETED), *values]]
    numbered = events.rows.withColumn(
        "__rank", F.row_number().over(Window.partitionBy(*identity).orderBy(*order))
    )
    return numbered.where("__rank = 1").drop("__rank")


def _orders(data_type: DataType) -> bool:
    return not isinstance(data_type, (ArrayType, MapType, StructType)) and data_type.typeName() != "variant"


def each_once(events: Events, by_sequence: bool) -> Events:
    """The last event of each key, or of each key and sequence; only keys that come again are sorted."""
    own = events.identity
    identity = [*map(column, own), *(events.order() if by_sequence else [])]
    if not count_events(events, identity).repeated:
        return events
    often = events.rows.groupBy(*map(column, own)).agg(F.count(F.lit(1)).alias("__events"))
    often = often.where("__events > 1")
    single = matching(events.rows, often, own, "left_anti")
    several = events.with_rows(matching(events.rows, often, own))
    return events.with_rows(single.unionByName(latest_events(several, identity)))
