"""Asks a workspace's SQL warehouse, by databricks-sdk: reading only."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from common.errors import UserError
from lakehouse.difference.sampling import RunStatement

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.service.sql import StatementResponse

# As long as a call may wait for a statement; what takes longer is asked for again and again.
WAIT = "50s"
_POLL_SECONDS = 2.0


def query_of_environment(environment_name: str) -> RunStatement:
    """What answers queries on an environment's catalog; UserError without credentials or a warehouse."""
    from infra.deploy.guard import credentials_of, workspace_client
    from infra.stack.environments import find_environment

    environment = find_environment(environment_name)
    return query_by_warehouse(workspace_client(credentials_of(environment)), environment.catalog)


def query_by_warehouse(client: "WorkspaceClient", catalog: str) -> RunStatement:
    """What answers queries on a catalog by a warehouse of the client's workspace; UserError without one."""
    warehouse = _warehouse(client)

    def query(statement: str) -> Iterator[Sequence[str | None]]:
        return _rows(client, _answered(client, warehouse, catalog, statement))

    return query


def _warehouse(client: "WorkspaceClient") -> str:
    """One that runs, else the first: the call starts it."""
    from databricks.sdk.service.sql import State

    found = sorted(client.warehouses.list(), key=lambda one: one.state is not State.RUNNING)
    if not found or not found[0].id:
        raise UserError(
            "the workspace has no SQL warehouse that this identity may use: make one, or use a folder"
        )
    return found[0].id


def _answered(client: "WorkspaceClient", warehouse: str, catalog: str, statement: str) -> "StatementResponse":
    from databricks.sdk.errors.base import DatabricksError
    from databricks.sdk.service.sql import StatementState

    try:
        answer = client.statement_execution.execute_statement(
            statement, warehouse, catalog=catalog, wait_timeout=WAIT
        )
        while answer.status and answer.status.state in {StatementState.PENDING, StatementState.RUNNING}:
            assert answer.statement_id
            time.sleep(_POLL_SECONDS)
            answer = client.statement_execution.get_statement(answer.statement_id)
    except DatabricksError as error:
        raise UserError(f"the warehouse {warehouse} did not answer: {error}") from error
    if not answer.status or answer.status.state is not StatementState.SUCCEEDED:
        error = answer.status.error if answer.status else None
        raise UserError(
            f"the warehouse {warehouse} refused a query: {error.message if error else 'no reason'}"
        )
    return answer


def _rows(client: "WorkspaceClient", answer: "StatementResponse") -> Iterator[Sequence[str | None]]:
    chunk = answer.result
    while chunk:
        yield from chunk.data_array or ()
        if chunk.next_chunk_index is None:
            return
        assert answer.statement_id
        chunk = client.statement_execution.get_statement_result_chunk_n(
            answer.statement_id, chunk.next_chunk_index
        )
