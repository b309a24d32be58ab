"""Asks Sail for the types and names of expressions, without running them."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import grpc
from pyspark.sql.connect.proto import (
    AnalyzePlanRequest,
    Expression,
    LocalRelation,
    Plan,
    Project,
    Relation,
    SparkConnectServiceStub,
)
from pyspark.sql.connect.types import proto_schema_to_pyspark_data_type
from pyspark.sql.types import DataType, StructField, StructType

from local.engine.sessions.rewriting.recent import Recent
from local.engine.sessions.rewriting.types.plain_columns import names_columns_only, plain_columns
from local.engine.sessions.rewriting.types.plain_types import plain_type


class Types:
    """A way of its own to the Sail server, beside the one on which plans are written anew."""

    def __init__(self, endpoint: str) -> None:
        self._stub: Any = SparkConnectServiceStub(grpc.insecure_channel(endpoint))
        self._known = Recent[Sequence[StructField]]()

    def types(
        self, request: Any, relation: Relation, expressions: Sequence[Expression]
    ) -> list[DataType | None]:
        """The type of each expression over `relation`; None for one that Sail cannot tell of by itself."""

        def columns() -> Sequence[StructField]:
            return self.columns(request, relation)

        plain = [plain_type(expression, columns) for expression in expressions]
        unknown = [one for one, type_ in zip(expressions, plain, strict=True) if type_ is None]
        asked = iter(self.fields(request, relation, unknown) if unknown else ())
        return [type_ or _only(next(asked)) for type_ in plain]

    def forget(self) -> None:
        """The relations that plans name may be others from here on."""
        self._known.clear()

    def fields(
        self, request: Any, relation: Relation, expressions: Sequence[Expression]
    ) -> list[list[StructField]]:
        """What columns each expression makes of `relation` (one; `explode` of a map two), in the session of `request`.

        None for an expression that Sail cannot tell of by itself, such as one of a lambda's variable.
        """
        short = self._short_of(request, relation, expressions)
        for asked in (relation,) if short is None else (short, relation):
            with suppress(grpc.RpcError):
                found = self._schema(request, asked, expressions)
                if len(found) == len(expressions):
                    return [[field] for field in found]
        return [self._alone(request, relation, expression) for expression in expressions]

    def _alone(self, request: Any, relation: Relation, expression: Expression) -> list[StructField]:
        with suppress(grpc.RpcError):
            return self._schema(request, relation, [expression])
        return []

    def columns(self, request: Any, relation: Relation) -> Sequence[StructField]:
        """The columns of a relation, asked for once; none where Sail cannot tell them."""
        if relation.HasField("set_op") and not relation.set_op.allow_missing_columns:
            # Both sides have them, since their types were made the same.
            return self.columns(request, relation.set_op.left_input)
        key = relation.SerializeToString(deterministic=True)
        known = self._known.get(key)
        if known is None:
            star = Expression(unresolved_star=Expression.UnresolvedStar())
            plain = plain_columns(relation, partial(self.columns, request))
            known = self._known[key] = self._alone(request, relation, star) if plain is None else plain
        return known

    def _short_of(
        self, request: Any, relation: Relation, expressions: Sequence[Expression]
    ) -> Relation | None:
        """Rows of the same columns, where they are known and are all that is named: Sail need not read a deep plan."""
        columns = all(map(names_columns_only, expressions)) and self.columns(request, relation)
        if not columns:
            return None
        return Relation(local_relation=LocalRelation(schema=StructType(list(columns)).json()))

    def _schema(
        self, request: Any, relation: Relation, expressions: Sequence[Expression]
    ) -> list[StructField]:
        project = Relation(project=Project(input=relation, expressions=expressions))
        question = AnalyzePlanRequest(
            session_id=request.session_id,
            user_context=request.user_context,
            client_type=request.client_type,
            schema=AnalyzePlanRequest.Schema(plan=Plan(root=project)),
        )
        schema: Any = proto_schema_to_pyspark_data_type(self._stub.AnalyzePlan(question).schema.schema)
        return schema.fields


def _only(fields: Sequence[StructField]) -> DataType | None:
    return fields[0].dataType if len(fields) == 1 else None
