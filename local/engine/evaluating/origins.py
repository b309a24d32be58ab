"""What the plans of an evaluation say of where its columns come from."""

from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql.types import StructType

from local.engine.evaluating.seen_plan import SeenPlans
from local.engine.language.model import Dataset
from local.engine.lineage.flow_lineage import QueryColumns
from local.engine.lineage.plan_relations import Relations


def seen_schema(rows: DataFrame, plans: SeenPlans) -> StructType:
    """The columns of a frame, whose plan is the one that was analysed last from here on.

    The client knows some without asking: those of a function over whole rows, of a filter of rows that it knows.
    """
    before = plans.analysed
    schema = rows.schema
    return schema if plans.analysed is not before else rows.select("*").schema


def origins(plans: SeenPlans, schema: StructType, tables: set[str]) -> QueryColumns:
    """The columns of the query that was analysed last, which has this schema and has read these tables."""
    analysed: Any = plans.analysed
    relations = Relations(named_views(plans), plans.given, plans.ran)
    rows = relations.rows(analysed.root)
    return QueryColumns(relations, rows, schema, tuple(sorted(tables | relations.sources)))


def named_views(plans: SeenPlans) -> dict[str, Any]:
    """The relations of the temporary views that were made, by their names."""
    executed: list[Any] = plans.executed
    made = [plan.command.create_dataframe_view for plan in executed]
    return {view.name: view.input for view in made if view.name}


def dropping(dataset: Dataset, session: Any) -> list[Any]:
    """The drop rules of a dataset, in SQL or as a plan has them."""
    return [
        as_plan_expression(one.predicate, session) for one in dataset.expectations if one.action == "drop"
    ]


def as_plan_expression(given: str | Column | None, session: Any) -> Any:
    """An expression of a definition as a plan has it; SQL stays text."""
    made: Any = given
    return made.to_plan(session.client) if isinstance(given, Column) else given
