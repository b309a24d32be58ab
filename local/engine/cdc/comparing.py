"""How rows are matched by key and ordered by sequence, as Spark does it and with what every engine takes."""

from collections.abc import Sequence
from functools import reduce
from operator import and_, or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, MapType, StructField, StructType

from common.sql_text import quoted

OTHER = "__other_"


def column(name: str, prefix: str = "") -> Column:
    """The column of that very name, whatever characters it holds."""
    return F.col(quoted(prefix + name))


def order_fields(value: Column, data_type: DataType) -> list[Column]:
    """What orders `value` when it is ordered by in turn: a struct's fields, else itself.

    Sail takes no window over a struct. A struct within a struct comes after its null.
    """
    if not isinstance(data_type, StructType):
        return [value]
    return [one for field in data_type.fields for one in _field(value.getField(field.name), field)]


def _field(value: Column, field: StructField) -> list[Column]:
    inner = order_fields(value, field.dataType)
    return [value.isNotNull(), *inner] if isinstance(field.dataType, StructType) else inner


def not_before(left: Sequence[Column], right: Sequence[Column]) -> Column:
    """Whether `left` stands at or after `right`, compared in turn; a null comes before every value."""
    result = F.lit(True)
    for one, other in reversed(list(zip(left, right, strict=True))):
        greater = F.coalesce(one > other, one.isNotNull() & other.isNull())
        result = greater | (one.eqNullSafe(other) & result)
    return result


def all_equal(left: Sequence[Column], right: Sequence[Column]) -> Column:
    """Whether each equals its other, null equal to null."""
    return reduce(and_, [one.eqNullSafe(other) for one, other in zip(left, right, strict=True)])


def differs(fields: Sequence[StructField], prefix: str) -> Column:
    """Whether any of the columns differs from the one with the prefix before its name."""
    pairs = [(comparable(column(f.name), f), comparable(column(f.name, prefix), f)) for f in fields]
    return reduce(or_, [~one.eqNullSafe(other) for one, other in pairs], F.lit(False))


def comparable(value: Column, field: StructField) -> Column:
    """The value as Spark can compare it: it does not compare maps."""
    return F.array_sort(F.map_entries(value)) if isinstance(field.dataType, MapType) else value


def prefixed(rows: DataFrame, names: Sequence[str], prefix: str = OTHER) -> DataFrame:
    """These columns with the prefix before their names, so that a join confuses none."""
    return rows.select(*[column(name).alias(prefix + name) for name in names])


def matching(rows: DataFrame, others: DataFrame, keys: Sequence[str], how: str = "left_semi") -> DataFrame:
    """The rows whose keys are (or with `left_anti`: are not) among those of `others`; null matches null."""
    on = all_equal([column(key) for key in keys], [column(key, OTHER) for key in keys])
    return rows.join(prefixed(others, keys), on, how)
