"""Has the engine carry rows: between the client, whose frames stay as they are, and the engine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from local.engine.lineage.plan_relations import Relations
from local.engine.lineage.traced_rows import TracedRows
from local.engine.tracing.carried_rows import CarriedRows


@dataclass(frozen=True)
class Traced:
    """Rows with what they carry, and where the columns of the query come from."""

    rows: pa.Table
    carried: CarriedRows
    origins: TracedRows


class Tracer(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Give it to the session's channel; it serves one query at a time."""

    def __init__(self) -> None:
        self._schemas: Mapping[str, StructType] | None = None
        self._last = CarriedRows({}), TracedRows()

    def traced(self, rows: DataFrame, schemas: Mapping[str, StructType]) -> Traced:
        """The rows of a frame that reads tables of these `schemas`. Raises NotTraceable."""
        self._schemas = schemas
        try:
            # The client may know the columns of the frame itself, which were other ones.
            return Traced(rows.select("*").toArrow(), *self._last)
        finally:
            self._schemas = None

    def intercept_unary_unary(
        self, continuation: Callable[..., Any], client_call_details: Any, request: Any
    ) -> Any:
        """Changes the plan whose columns are asked for."""
        if client_call_details.method.endswith("/AnalyzePlan") and request.HasField("schema"):
            self._carry(request.schema.plan)
        return continuation(client_call_details, request)

    def intercept_unary_stream(
        self, continuation: Callable[..., Any], client_call_details: Any, request: Any
    ) -> Any:
        """Changes the plan whose rows are asked for."""
        if client_call_details.method.endswith("/ExecutePlan"):
            self._carry(request.plan)
        return continuation(client_call_details, request)

    def _carry(self, plan: Any) -> None:
        if self._schemas is not None and plan.HasField("root"):
            origins = Relations({}).rows(plan.root)
            carried = CarriedRows(self._schemas)
            carried.carry(plan.root)
            self._last = carried, origins
