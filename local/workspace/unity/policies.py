"""Row filters and column masks of tables: kept and answered, not applied to rows."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from local.workspace.calls.context import Workspace
from local.workspace.storage.records import Collection, Record
from local.workspace.unity.columns import Column


class RowFilter(Record):
    """The function that says which rows a reader gets, and the columns that it is given."""

    function_name: str
    input_column_names: tuple[str, ...] = ()


class Mask(Record):
    """The function that a column's values go through, and the further columns that it is given."""

    function_name: str
    using_column_names: tuple[str, ...] = ()


class Policies(Record):
    """What a table's readers get: its filter, and the mask of each column that has one."""

    row_filter: RowFilter | None = None
    masks: Mapping[str, Mask] = Field(default_factory=dict)


# By the table's id.
_POLICIES = Collection("policies", Policies)


def of(ws: Workspace, table_id: str) -> Policies:
    """The policies of a table."""
    return _POLICIES.get(ws.store, table_id) or Policies()


def keep(ws: Workspace, table_id: str, policies: Policies) -> None:
    """Replace the policies of a table."""
    _POLICIES.put(ws.store, table_id, policies)


def forget(ws: Workspace, table_id: str) -> None:
    """A dropped table takes its policies with it."""
    _POLICIES.delete(ws.store, table_id)


def masked(columns: Sequence[Column], policies: Policies) -> tuple[Column, ...]:
    """The columns as the API shows them, with their masks."""
    return tuple(
        column.changed(mask=policies.masks[column.name].as_json())
        if column.name in policies.masks
        else column
        for column in columns
    )
