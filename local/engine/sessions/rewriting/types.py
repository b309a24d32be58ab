"""Asks Sail for the types and names of expressions, without running them."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import grpc
from pyspark.sql.connect.proto import (
    AnalyzePlanRequest,
    Expression,
    Plan,
    Project,
    Relation,
    SparkConnectServiceStub,
)
from pyspark.sql.connect.types import proto_schema_to_pyspark_data_type
from pyspark.sql.types import StructField


class Types:
    """A way of its own to the Sail server, beside the one on which plans are written anew."""

    def __init__(self, endpoint: str) -> None:
        self._stub: Any = SparkConnectServiceStub(grpc.insecure_channel(endpoint))

    def fields(
        self, request: Any, relation: Relation, expressions: Sequence[Expression]
    ) -> list[list[StructField]]:
        """What columns each expression makes of `relation` (one; `explode` of a map two), in the session of `request`.

        None for an expression that Sail cannot tell of by itself, such as one of a lambda's variable.
        """
        with suppress(grpc.RpcError):
            found = self._schema(request, relation, expressions)
            if len(found) == len(expressions):
                return [[field] for field in found]
        return [self._alone(request, relation, expression) for expression in expressions]

    def _alone(self, request: Any, relation: Relation, expression: Expression) -> list[StructField]:
        with suppress(grpc.RpcError):
            return self._schema(request, relation, [expression])
        return []

    def _schema(
        self, request: Any, relation: Relation, expressions: Sequence[Expression]
    ) -> list[StructField]:
        plan = Plan(root=Relation(project=Project(input=relation, expressions=expressions)))
        question = AnalyzePlanRequest(
            session_id=request.session_id,
            user_context=request.user_context,
            client_type=request.client_type,
            schema=AnalyzePlanRequest.Schema(plan=plan),
        )
        schema: Any = proto_schema_to_pyspark_data_type(self._stub.AnalyzePlan(question).schema.schema)
        return schema.fields
