"""Rewrites a plan (Spark Connect's) so that each of its rows carries the rows that it is made from.

What is read carries itself, in a column of its own for each place at which the plan reads; joins carry both sides',
groups all of their rows'. So the answer is the engine's own: what the query leaves out is not among it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql.connect.proto import Aggregate, Expression, Join, Project, Relation, SetOperation
from pyspark.sql.connect.types import pyspark_types_to_proto_types
from pyspark.sql.types import ArrayType, NullType, StructType

from local.engine.evaluating.seen_plan import messages_by_kind
from local.engine.lineage.plan_relations import Relations
from local.engine.lineage.read_aliases import READ
from local.engine.sessions.rewriting.expressions import attribute

CARRIED = "__from_"
_HALF = (Join.JOIN_TYPE_LEFT_SEMI, Join.JOIN_TYPE_LEFT_ANTI)


class NotTraceable(Exception):  # noqa: N818 - it says what, not only that it failed
    """What of a query keeps its rows from being told apart."""


@dataclass
class CarriedRows:
    """Rewrites one plan. `schemas` has the columns of each table that the query reads, by its name.

    `sources` are the tables whose rows are carried, by the number of the column (CARRIED and the number); `whole`
    those of which all rows come into each row, `deciding` those that only decide which rows there are. `windowed` are
    the names of columns that a window gives, or that are made of such.
    """

    schemas: Mapping[str, StructType]
    sources: list[str] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    deciding: set[str] = field(default_factory=set)
    windowed: dict[str, None] = field(default_factory=dict)

    def carry(self, relation: Any) -> list[str]:
        """Changes the relation; the names of the columns that it has besides. Raises NotTraceable."""
        kind = relation.WhichOneof("rel_type") or "nothing"
        if kind in _KEEPS_ROWS:
            return self.carry(getattr(relation, kind).input)
        if kind not in _CARRIES:
            raise NotTraceable(_REASONS.get(kind, f"its plan has a relation of kind {kind}"))
        return _CARRIES[kind](self, relation)

    def _aliased(self, relation: Any) -> list[str]:
        alias = relation.subquery_alias
        if not alias.alias.startswith(READ):
            return self.carry(alias.input)
        source = alias.alias.removeprefix(READ)
        name = f"{CARRIED}{len(self.sources)}"
        self.sources.append(source)
        row = _call("struct", *(attribute(column) for column in self.schemas[source].names))
        read = Relation()
        read.CopyFrom(alias.input)
        alias.input.with_columns.input.CopyFrom(read)
        alias.input.with_columns.aliases.append(_named(_call("array", row), name).alias)
        return [name]

    def _project(self, relation: Any) -> list[str]:
        project = relation.project
        if not project.HasField("input"):
            return []
        stars = [one.unresolved_star for one in project.expressions if one.HasField("unresolved_star")]
        if any(star.HasField("unparsed_target") or star.HasField("plan_id") for star in stars):
            raise NotTraceable("it selects all columns of one side of a join")
        carried = self.carry(project.input)
        self._look_for_windows(project.expressions)
        project.expressions.extend([] if stars else map(attribute, carried))
        return carried

    def _with_columns(self, relation: Any) -> list[str]:
        carried = self.carry(relation.with_columns.input)
        self._look_for_windows(Expression(alias=one) for one in relation.with_columns.aliases)
        return carried

    def _renamed(self, relation: Any) -> list[str]:
        renamed = relation.with_columns_renamed
        carried = self.carry(renamed.input)
        self.windowed |= {one.new_col_name: None for one in renamed.renames if one.col_name in self.windowed}
        return carried

    def _look_for_windows(self, expressions: Iterable[Any]) -> None:
        for one in expressions:
            parts = messages_by_kind(one)
            names = [each.unparsed_identifier for each in parts.get("UnresolvedAttribute", ())]
            texts = [each.expression.lower() for each in parts.get("ExpressionString", ())]
            of_windowed = any(name.replace("`", "").rpartition(".")[2] in self.windowed for name in names)
            if "Window" in parts or of_windowed or any("over" in text for text in texts):
                # One without a name is told, too: by the column that it is made of.
                self.windowed |= dict.fromkeys(one.alias.name or names)

    def _join(self, relation: Any) -> list[str]:
        join = relation.join
        if join.join_type in _HALF:
            self.deciding |= _tables(join.right)
            return self.carry(join.left)
        return [*self.carry(join.left), *self.carry(join.right)]

    def _aggregate(self, relation: Any) -> list[str]:
        aggregate = relation.aggregate
        if aggregate.group_type != Aggregate.GROUP_TYPE_GROUPBY:
            raise NotTraceable("it pivots, or groups in several ways at once")
        if not aggregate.grouping_expressions:
            self.whole |= _tables(aggregate.input)
            return []
        carried = self.carry(aggregate.input)
        self._look_for_windows(aggregate.aggregate_expressions)
        aggregate.aggregate_expressions.extend(map(_collected, carried))
        return carried

    def _distinct(self, relation: Any) -> list[str]:
        """As groups of all columns, whose names have to be known."""
        given = relation.deduplicate
        if not given.all_columns_as_keys:
            raise NotTraceable("it keeps any one of the rows that agree in some columns")
        names = _names(given.input)
        grouped = Aggregate(input=given.input, group_type=Aggregate.GROUP_TYPE_GROUPBY)
        grouped.grouping_expressions.extend(map(attribute, names))
        relation.aggregate.CopyFrom(grouped)
        return self._aggregate(relation)

    def _union(self, relation: Any) -> list[str]:
        """Each side carries columns that the other lacks."""
        both, whole = relation.set_op, {*self.whole}
        if both.set_op_type != SetOperation.SET_OP_TYPE_UNION or not both.is_all:
            raise NotTraceable("it compares rows with those of another query")
        first, second = _names(both.left_input), _names(both.right_input)
        carried, others = self.carry(both.left_input), self.carry(both.right_input)
        if self.whole != whole:
            raise NotTraceable("it puts figures over whole tables together")
        given = first if both.by_name else second
        if len(first) != len(second) or {*given} != {*second}:
            raise NotTraceable("it puts rows of other columns together")
        as_named = [_named(attribute(old), new) for old, new in zip(given, first, strict=True)]
        _narrow(both.left_input, [*map(attribute, [*first, *carried]), *map(self._nothing, others)])
        _narrow(both.right_input, [*as_named, *map(self._nothing, carried), *map(attribute, others)])
        both.by_name = both.allow_missing_columns = False
        return [*carried, *others]

    def _nothing(self, name: str) -> Expression:
        """In the place of a column that only the other side of a union carries."""
        rows = ArrayType(self.schemas[self.sources[int(name.removeprefix(CARRIED))]])
        null = Expression(literal=Expression.Literal(null=pyspark_types_to_proto_types(NullType())))
        return _named(
            Expression(cast=Expression.Cast(expr=null, type=pyspark_types_to_proto_types(rows))), name
        )


def _narrow(relation: Any, expressions: Sequence[Expression]) -> None:
    """Makes a relation one of these columns."""
    relation.CopyFrom(Relation(project=Project(input=relation, expressions=expressions)))


def _tables(relation: Any) -> set[str]:
    """What a relation reads."""
    found = Relations({})
    found.rows(relation)
    return found.sources


def _names(relation: Any) -> list[str]:
    """The columns of a relation; NotTraceable where they are not told, or two have one name."""
    rows = Relations({}).rows(relation)
    names = [column.name for column in rows.columns if column.name]
    if rows.rest is not None or len({*names}) < len(rows.columns):
        raise NotTraceable("it names columns that are not told apart")
    return names


def _collected(name: str) -> Expression:
    return _named(_call("flatten", _call("collect_list", attribute(name))), name)


def _call(function: str, *arguments: Expression) -> Expression:
    made = Expression.UnresolvedFunction(function_name=function, arguments=arguments)
    return Expression(unresolved_function=made)


def _named(expression: Expression, name: str) -> Expression:
    return Expression(alias=Expression.Alias(expr=expression, name=[name]))


_KEEPS_ROWS = frozenset(
    (
        "collect_metrics", "drop", "fill_na", "filter", "hint", "limit", "repartition", "repartition_by_expression",
        "sort", "with_watermark",
    )
)  # fmt: skip
_CARRIES: Mapping[str, Callable[[CarriedRows, Any], list[str]]] = {
    "aggregate": CarriedRows._aggregate,
    "deduplicate": CarriedRows._distinct,
    "join": CarriedRows._join,
    "project": CarriedRows._project,
    "set_op": CarriedRows._union,
    "subquery_alias": CarriedRows._aliased,
    "with_columns": CarriedRows._with_columns,
    "with_columns_renamed": CarriedRows._renamed,
    "local_relation": lambda *_: [],
    "range": lambda *_: [],
}
_REASONS = {
    "sql": "it is written in SQL",
    "read": "it reads a view that is written in SQL",
    "map_partitions": "a Python function makes its rows",
    "group_map": "a Python function makes its rows",
}
