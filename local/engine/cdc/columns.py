"""The columns of a target: as declared, as they are there already, and as the events bring them."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType

from common.errors import UserError
from local.engine.cdc.change_events import START_AT
from local.engine.cdc.comparing import column


def target_schema(
    target: str, rows: StructType, declared: StructType | None, there: StructType | None
) -> StructType:
    """The columns that a target has once it takes `rows`, those that are there first.

    Raises UserError for a column that is not declared, and for one whose type is not the one that is there.
    """
    if declared is not None:
        _refuse_undeclared(target, rows, declared)
    wanted = declared or StructType([StructField(f.name, f.dataType, True, f.metadata) for f in rows.fields])
    if there is None:
        return wanted
    if (START_AT in there.names) != (START_AT in rows.names):
        raise UserError(
            f"AUTO CDC into {target}: its SCD type was changed: run with --full-refresh for the target"
        )
    known = {field.name.lower(): field for field in there.fields}
    for field in wanted.fields:
        _refuse_other_type(target, field, known.get(field.name.lower()))
    return StructType([*there.fields, *[f for f in wanted.fields if f.name.lower() not in known]])


def _refuse_undeclared(target: str, rows: StructType, declared: StructType) -> None:
    names = {name.lower() for name in declared.names}
    missing = [f"{f.name} {f.dataType.simpleString()}" for f in rows.fields if f.name.lower() not in names]
    if missing:
        raise UserError(
            f"AUTO CDC into {target}: its schema lacks {', '.join(missing)}: declare what is to be kept, "
            "and name the other columns in except_column_list"
        )


def _refuse_other_type(target: str, field: StructField, there: StructField | None) -> None:
    if there is not None and field.dataType.simpleString() != there.dataType.simpleString():
        raise UserError(
            f"AUTO CDC into {target}: column {field.name} is {there.dataType.simpleString()} in the table and "
            f"{field.dataType.simpleString()} now: cast it in the source, or run with --full-refresh"
        )


def cast_to(rows: DataFrame, own: StructType, schema: StructType) -> DataFrame:
    """The rows, whose columns are `own`, in those of `schema`; a column that they lack is null."""
    spelled = {field.name.lower(): field for field in own.fields}
    values = []
    for field in schema.fields:
        given = spelled.get(field.name.lower())
        value = F.lit(None) if given is None else column(given.name)
        if given is None or given.dataType.simpleString() != field.dataType.simpleString():
            value = value.cast(field.dataType)
        values.append(value.alias(field.name))
    return rows.select(*values)


def stacked(
    first: DataFrame, first_schema: StructType, second: DataFrame, second_schema: StructType
) -> tuple[DataFrame, StructType]:
    """The rows of both in the columns of both, and these; Sail gives a column that the first lacks no type of its own.

    The schemas are those of the rows.
    """
    names = set(first_schema.names)
    schema = StructType([*first_schema.fields, *[f for f in second_schema.fields if f.name not in names]])
    return cast_to(first, first_schema, schema).unionAll(cast_to(second, second_schema, schema)), schema
