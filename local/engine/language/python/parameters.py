"""The parameters of the functions that a pipeline calls: names, order and types as Databricks documents them."""

from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import Column
from pyspark.sql.types import StructType

from common.errors import NotSupplied, UserError

_LISTS = (
    "keys",
    "partition_cols",
    "column_list",
    "except_column_list",
    "track_history_column_list",
    "track_history_except_column_list",
    "ignore_null_updates_column_list",
    "ignore_null_updates_except_column_list",
)
_TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(_LISTS, (list, tuple, set)),
    **dict.fromkeys(("name", "flow_name", "target", "comment", "format"), (str,)),
    **dict.fromkeys(("table_properties", "spark_conf", "options"), (Mapping,)),
    **dict.fromkeys(("expect_all", "expect_all_or_drop", "expect_all_or_fail"), (Mapping,)),
    **dict.fromkeys(("private", "temporary", "once", "ignore_null_updates"), (bool,)),
    "schema": (str, StructType),
}


def parameters_of(
    function: str, takes: Sequence[str], arguments: Sequence[Any], named: Mapping[str, Any]
) -> dict[str, Any]:
    """The parameters of one call by name, without those that are None.

    `takes` are the names that `function` knows, in order. Raises UserError for an unknown name and a wrong type.
    """
    if len(arguments) > len(takes):
        raise UserError(f"{function} takes at most {len(takes)} parameters: {', '.join(takes)}")
    by_position = dict(zip(takes, arguments, strict=False))
    for name in named:
        if name not in takes:
            raise UserError(f"{function} has no parameter {name}; it takes: {', '.join(takes)}")
        if name in by_position:
            raise UserError(f"{function}: {name} is given twice")
    given = {name: value for name, value in {**by_position, **named}.items() if value is not None}
    for name, value in given.items():
        _check_type(function, name, value)
    return given


def require(function: str, given: Mapping[str, Any], *names: str) -> None:
    """Raises UserError when one of the names is not given."""
    missing = [name for name in names if name not in given]
    if missing:
        raise UserError(f"{function}: give {' and '.join(missing)}")


def refuse_value(function: str, given: Mapping[str, Any], parameter: str, instead: str) -> None:
    """Raises NotSupplied when a parameter that is not supplied has a value that would matter."""
    if given.get(parameter):
        raise NotSupplied(f"{function}: the parameter {parameter} is not supplied on one machine; {instead}")


def as_texts(values: Mapping[Any, Any]) -> dict[str, str]:
    """Properties and settings as text; true and false as SQL writes them."""
    return {
        str(key): str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in values.items()
    }


def column_names(function: str, given: Mapping[str, Any], parameter: str) -> tuple[str, ...] | None:
    """The plain names of a list of columns, each given as text or as `col("name")`; None when it is not given."""
    if parameter not in given:
        return None
    return tuple(_column_name(function, parameter, one) for one in given[parameter])


def _column_name(function: str, parameter: str, column: Any) -> str:
    # A Column says what it is in its text only: Column<'name'>.
    name = str(column)[len("Column<'") : -len("'>")] if isinstance(column, Column) else column
    if isinstance(name, str):
        name = name.strip("`")
    if not isinstance(name, str) or not name or (isinstance(column, Column) and not _is_plain(name)):
        raise UserError(f"{function}: {parameter} takes names of columns, not {column!r}")
    return name


def _is_plain(name: str) -> bool:
    return not any(sign in name for sign in ".`(){}'\"=<>+*,")


def _check_type(function: str, parameter: str, value: Any) -> None:
    types = _TYPES.get(parameter, (object,))
    if not isinstance(value, types):
        raise UserError(f"{function}: {parameter} is {types[0].__name__}, not {type(value).__name__}")
