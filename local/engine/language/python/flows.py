"""The functions of Lakeflow that define flows: append flows, AUTO CDC and AUTO CDC from snapshots."""

from collections.abc import Callable
from typing import Any, Literal

from common.errors import UserError
from local.engine.language.definitions import Definitions
from local.engine.language.model import CdcFlow, Flow, SnapshotCdcFlow
from local.engine.language.places import caller
from local.engine.language.python.datasets import name_of
from local.engine.language.python.expectations import Expectations
from local.engine.language.python.parameters import (
    as_texts,
    column_names,
    parameters_of,
    refuse_value,
    require,
)

APPEND = ("name", "target", "comment", "spark_conf", "once", "depends_on", "import_checkpoint")
_CDC_TAIL = (
    "ignore_null_updates",
    "apply_as_deletes",
    "apply_as_truncates",
    "column_list",
    "except_column_list",
    "stored_as_scd_type",
    "track_history_column_list",
    "track_history_except_column_list",
    "flow_name",
    "once",
    "ignore_null_updates_column_list",
    "ignore_null_updates_except_column_list",
    "columns_to_update",
    "name",
)
CDC = ("target", "source", "keys", "sequence_by", *_CDC_TAIL, "where", "system_sequence_by")
OLD_CDC = ("target", "source", "keys", "sequence_by", "where", *_CDC_TAIL, "system_sequence_by")
SNAPSHOT = (
    "target",
    "source",
    "keys",
    "stored_as_scd_type",
    "snapshot_and_version",
    "track_history_column_list",
    "track_history_except_column_list",
    "once",
    "name",
)
_EXPECT = (
    "an append flow has no expectations: give them to the target, create_streaming_table(expect_all=...)"
)


class Flows:
    """Defines flows into the pipeline's definitions."""

    def __init__(self, definitions: Definitions, expectations: Expectations) -> None:
        self._definitions = definitions
        self._expectations = expectations

    def functions(self) -> dict[str, Callable[..., Any]]:
        """The functions by name."""
        return {
            "append_flow": self._append_flow,
            "create_auto_cdc_flow": self._cdc("create_auto_cdc_flow", CDC),
            "apply_changes": self._cdc("apply_changes", OLD_CDC),
            **{
                name: self._snapshot(name)
                for name in ("create_auto_cdc_from_snapshot_flow", "apply_changes_from_snapshot")
            },
        }

    def _append_flow(self, *arguments: Any, **named: Any) -> Callable[[Any], Any]:
        given = parameters_of("append_flow", APPEND, arguments, named)
        require("append_flow", given, "target")
        refuse_value(
            "append_flow",
            given,
            "import_checkpoint",
            "what it read elsewhere is not known here; leave it out",
        )
        place = caller(self._definitions.root)

        def decorate(query: Any) -> Any:
            if self._expectations.of(query):
                raise UserError(_EXPECT)
            name = given.get("name") or name_of(query, "append_flow")
            conf = as_texts(given.get("spark_conf", {}))
            self._definitions.add_flow(
                Flow(name, given["target"], query, place, given.get("once", False), conf)
            )
            return query

        return decorate

    def _cdc(self, function: str, takes: tuple[str, ...]) -> Callable[..., None]:
        def create(*arguments: Any, **named: Any) -> None:
            given = parameters_of(function, takes, arguments, named)
            require(function, given, "target", "source", "keys", "sequence_by")
            refuse_value(function, given, "where", "filter in the source: a view that reads it as a stream")
            refuse_value(
                function, given, "columns_to_update", "use ignore_null_updates, or a view as the source"
            )
            refuse_value(function, given, "system_sequence_by", "write two tables, each with one sequence_by")
            self._definitions.add_flow(self._cdc_flow(function, given))

        return create

    def _cdc_flow(self, function: str, given: dict[str, Any]) -> CdcFlow:
        _one_of(function, given, "column_list", "except_column_list")
        nulls = ("ignore_null_updates_column_list", "ignore_null_updates_except_column_list")
        _one_of(function, given, *nulls)
        if given.get("apply_as_truncates") is not None and _scd_type(function, given) == 2:
            raise UserError(f"{function}: apply_as_truncates is for SCD type 1 only, as on Databricks")
        return CdcFlow(
            name=given.get("name") or given.get("flow_name") or given["target"],
            target=given["target"],
            source=given["source"],
            place=caller(self._definitions.root),
            keys=_keys(function, given),
            sequence_by=given["sequence_by"],
            ignore_null_updates=given.get("ignore_null_updates", False),
            ignore_null_updates_column_list=column_names(function, given, nulls[0]),
            ignore_null_updates_except_column_list=column_names(function, given, nulls[1]),
            apply_as_deletes=given.get("apply_as_deletes"),
            apply_as_truncates=given.get("apply_as_truncates"),
            column_list=column_names(function, given, "column_list"),
            except_column_list=column_names(function, given, "except_column_list") or (),
            stored_as_scd_type=_scd_type(function, given),
            **_tracked(function, given),
            once=given.get("once", False),
        )

    def _snapshot(self, function: str) -> Callable[..., None]:
        def create(*arguments: Any, **named: Any) -> None:
            given = parameters_of(function, SNAPSHOT, arguments, named)
            require(function, given, "target", "keys")
            source = _snapshots(function, given)
            self._definitions.add_flow(
                SnapshotCdcFlow(
                    name=given.get("name") or given["target"],
                    target=given["target"],
                    source=source,
                    place=caller(self._definitions.root),
                    keys=_keys(function, given),
                    stored_as_scd_type=_scd_type(function, given),
                    **_tracked(function, given),
                    once=given.get("once", False),
                )
            )

        return create


def _snapshots(function: str, given: dict[str, Any]) -> Any:
    source = given.get("source", given.get("snapshot_and_version"))
    if not isinstance(source, str) and not callable(source):
        raise UserError(
            f"{function}: source is a table's name or a function that gives snapshots, not {source!r}"
        )
    return source


def _keys(function: str, given: dict[str, Any]) -> tuple[str, ...]:
    keys = column_names(function, given, "keys")
    if not keys:
        raise UserError(f"{function}: give at least one column as keys")
    return keys


def _tracked(function: str, given: dict[str, Any]) -> dict[str, Any]:
    some, others = "track_history_column_list", "track_history_except_column_list"
    _one_of(function, given, some, others)
    return {some: column_names(function, given, some), others: column_names(function, given, others) or ()}


def _one_of(function: str, given: dict[str, Any], some: str, others: str) -> None:
    if some in given and others in given:
        raise UserError(f"{function}: give {some} or {others}, not both")


def _scd_type(function: str, given: dict[str, Any]) -> Literal[1, 2]:
    kinds: dict[str, Literal[1, 2]] = {"1": 1, "2": 2}
    kind = str(given.get("stored_as_scd_type", 1)).upper().removeprefix("SCD TYPE").strip()
    if kind not in kinds:
        raise UserError(f"{function}: stored_as_scd_type is 1 or 2, not {given['stored_as_scd_type']!r}")
    return kinds[kind]
