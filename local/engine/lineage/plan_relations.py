"""The relations of a plan (Spark Connect's): what the columns of each are made from."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pyspark.sql.connect.proto import Aggregate, Join, SetOperation

from local.engine.lineage.plan_expressions import Expressions
from local.engine.lineage.plan_names import name_parts
from local.engine.lineage.read_aliases import READ
from local.engine.lineage.traced_rows import Column, TracedRows, joined_rows, stacked_rows
from local.engine.lineage.traced_values import NOTHING, ColumnOrigin, TracedValue, merged

_HALF = (Join.JOIN_TYPE_LEFT_SEMI, Join.JOIN_TYPE_LEFT_ANTI)
_TAKES = {Join.JOIN_TYPE_RIGHT_OUTER: "right", Join.JOIN_TYPE_FULL_OUTER: "both"}


@dataclass
class Relations:
    """Walks plans. `views` are the relations of temporary views by name.

    `given` are those of the aliases of views, each with the drop rules that its rows have kept.
    `computed` says whether the code had rows computed, which may come back as rows of its own. `sources` are the
    tables and paths that were met.
    """

    views: Mapping[str, Any]
    given: Mapping[str, tuple[Any, Sequence[Any]]] = field(default_factory=dict)
    computed: bool = False
    sources: set[str] = field(default_factory=set)
    _by_plan: dict[int, TracedRows] = field(default_factory=dict)
    _of_view: dict[str, TracedRows] = field(default_factory=dict)

    def rows(self, relation: Any) -> TracedRows:
        """The rows of a relation; a frame that stands in a plan several times is walked once."""
        number = relation.common.plan_id if relation.common.HasField("plan_id") else None
        if number in self._by_plan:
            return self._by_plan[number]
        kind = relation.WhichOneof("rel_type") or "empty"
        read = _READ.get(kind)
        found = (
            read(self, getattr(relation, kind)) if read else TracedRows.untold(f"a relation of kind {kind}")
        )
        if number is not None:
            self._by_plan[number] = found
        return found

    def view(self, name: str) -> TracedRows | None:
        """The rows of a temporary view; None for a name that is none."""
        if name not in self._of_view and name in self.views:
            self._of_view[name] = self.rows(self.views[name])
        return self._of_view.get(name)

    def value(self, expression: Any, rows: TracedRows) -> TracedValue:
        """What an expression over rows is made from: of SQL as a str, or of a plan."""
        if isinstance(expression, str):
            return self._text(expression, rows)
        return self.expressions(rows).value(expression)

    def expressions(self, rows: TracedRows) -> Expressions:
        """What reads expressions over these rows."""
        return Expressions(rows, self._by_plan, self._text, self._columns_of_text)

    def _text(self, text: str, rows: TracedRows) -> TracedValue:
        # What reads SQL takes a moment to import, and most plans have none.
        from local.engine.lineage.traced_sql import SqlQueries

        return SqlQueries(self.view).value_of_text(text, rows)

    def _columns_of_text(self, text: str, rows: TracedRows) -> TracedRows:
        from local.engine.lineage.traced_sql import SqlQueries

        return SqlQueries(self.view).columns_of_text(text, rows)

    def _sql(self, sql: Any) -> TracedRows:
        from local.engine.lineage.traced_sql import SqlQueries

        return SqlQueries(self.view).rows_of_text(sql.query)

    def _with_relations(self, related: Any) -> TracedRows:
        for reference in related.references:
            rows = self.rows(reference)
            if reference.HasField("subquery_alias"):
                self._of_view[reference.subquery_alias.alias] = rows
        return self.rows(related.root)

    def _read(self, read: Any) -> TracedRows:
        if read.HasField("named_table"):
            name = read.named_table.unparsed_identifier.replace("`", "")
            return self.view(name) or TracedRows.untold(f"the temporary view {name}, which is made elsewhere")
        return _declared(
            read.data_source.schema, TracedValue.untold(f"a source of format {read.data_source.format}")
        )

    def _aliased(self, alias: Any) -> TracedRows:
        if alias.alias.startswith(READ):
            name = alias.alias.removeprefix(READ)
            self.sources.add(name)
            return of_source(self.rows(alias.input), name)
        if alias.alias in self.given:
            relation, rules = self.given[alias.alias]
            rows = self.rows(relation)
            return rows.with_conditions(*(self.value(one, rows).used_for("FILTER") for one in rules))
        return self.rows(alias.input).aliased(alias.alias)

    def _project(self, project: Any) -> TracedRows:
        rows = self.rows(project.input) if project.HasField("input") else TracedRows()
        return self.expressions(rows).projected(project.expressions)

    def _filter(self, one: Any) -> TracedRows:
        rows = self.rows(one.input)
        return rows.with_conditions(self.expressions(rows).value(one.condition).used_for("FILTER"))

    def _join(self, join: Any) -> TracedRows:
        left, right = self.rows(join.left), self.rows(join.right)
        if join.join_type in _HALF:
            found = joined_rows(left, right, join.using_columns)
            both, found = found, replace(left, conditions=found.conditions)
        else:
            found = both = joined_rows(
                left, right, join.using_columns, takes=_TAKES.get(join.join_type, "left")
            )
        if join.HasField("join_condition"):
            found = found.with_conditions(self.expressions(both).value(join.join_condition).used_for("JOIN"))
        return found

    def _set_operation(self, one: Any) -> TracedRows:
        first, second = self.rows(one.left_input), self.rows(one.right_input)
        if one.set_op_type == SetOperation.SET_OP_TYPE_UNION:
            return stacked_rows(first, second, by_name=one.by_name)
        # TracedRows of the second only decide which of the first there are.
        return first.with_conditions(
            second.conditions, *(each.everything().used_for("FILTER") for each in (first, second))
        )

    def _aggregate(self, one: Any) -> TracedRows:
        rows = self.rows(one.input)
        sets = [each for group in one.grouping_sets for each in group.grouping_set]
        grouping = [*one.grouping_expressions, *sets]
        read = self.expressions(rows)
        made = read.projected([*one.grouping_expressions, *one.aggregate_expressions])
        made = made.with_conditions(*(each.used_for("GROUP_BY") for each in read.values(grouping)))
        if one.group_type == Aggregate.GROUP_TYPE_PIVOT:
            return self._pivoted(one, rows, made)
        return made

    def _pivoted(self, one: Any, rows: TracedRows, made: TracedRows) -> TracedRows:
        """The columns of the groups, and any number of others, each of which has all of the aggregates' origins."""
        count = len(one.grouping_expressions)
        column = self.expressions(rows).value(one.pivot.col).used_for("CONDITIONAL")
        others = merged([*(each.value for each in made.columns[count:]), column])
        return TracedRows(made.columns[:count], made.conditions, others)

    def _with_columns(self, one: Any) -> TracedRows:
        rows = self.rows(one.input)
        read = self.expressions(rows)
        columns = list(rows.columns)
        for alias in one.aliases:
            made = Column(alias.name[0], read.value(alias.expr))
            places = [place for place, each in enumerate(columns) if each.is_named(alias.name[0])]
            for place in places:
                columns[place] = made
            columns += [] if places else [made]
        return replace(rows, columns=tuple(columns))

    def _renamed(self, one: Any) -> TracedRows:
        rows = self.rows(one.input)
        new = {old.lower(): name for old, name in one.rename_columns_map.items()}
        new |= {each.col_name.lower(): each.new_col_name for each in one.renames}
        columns = (
            replace(each, name=new.get((each.name or "").lower(), each.name), qualifiers=frozenset())
            if (each.name or "").lower() in new
            else each
            for each in rows.columns
        )
        return replace(rows, columns=tuple(columns), hidden=rows)

    def _dropped(self, one: Any) -> TracedRows:
        rows = self.rows(one.input)
        gone = [[name] for name in one.column_names]
        for column in one.columns:
            attribute = column.unresolved_attribute
            if not attribute.unparsed_identifier:
                return rows.with_lost_names("dropped by an expression")
            if attribute.HasField("plan_id"):
                return self._without(rows, attribute)
            gone.append(name_parts(attribute.unparsed_identifier))
        kept = [one for one in rows.columns if not any(_is(one, parts) for parts in gone)]
        return replace(rows, columns=tuple(kept), hidden=rows)

    def _without(self, rows: TracedRows, attribute: Any) -> TracedRows:
        """Without the one column of that name that is a frame's own."""
        parts = name_parts(attribute.unparsed_identifier)
        named = [one for one in rows.columns if _is(one, parts)]
        of_frame = self._by_plan.get(attribute.plan_id, TracedRows()).found(parts)
        gone = named if len(named) < 2 else [one for one in named if one.value == of_frame]
        if len(gone) != 1:
            return rows.with_lost_names(
                f"beside one of the several that are called {parts[-1]}, which is dropped"
            )
        return replace(rows, columns=tuple(one for one in rows.columns if one is not gone[0]), hidden=rows)

    def _sorted(self, one: Any) -> TracedRows:
        rows = self.rows(one.input)
        order = self.expressions(rows).values(by.child for by in one.order)
        return rows.with_conditions(*(each.used_for("SORT") for each in order))

    def _once_each(self, one: Any) -> TracedRows:
        rows = self.rows(one.input)
        keys = (
            [rows.everything()]
            if one.all_columns_as_keys
            else [rows.value([name]) for name in one.column_names]
        )
        return rows.with_conditions(*(each.used_for("GROUP_BY") for each in keys))

    def _unpivoted(self, one: Any) -> TracedRows:
        rows = self.rows(one.input)
        read = self.expressions(rows)
        kept = read.projected(one.ids)
        named = [self.expressions(rows).columns(each) for each in one.values.values]
        if not one.HasField("values"):
            ids = [each.name or "" for each in kept.columns]
            named = [TracedRows(tuple(each for each in rows.columns if not any(map(each.is_named, ids))))]
        taken = [each for made in named for each in made.columns]
        value = merged(each.value.changed() for each in taken)
        return TracedRows(
            (*kept.columns, Column(one.variable_column_name, NOTHING), Column(one.value_column_name, value)),
            rows.conditions,
            rows.rest,
        )

    def _filled(self, one: Any) -> TracedRows:
        rows = self.rows(one.input)
        names = {name.lower() for name in one.cols}
        columns = (
            replace(each, value=each.value.changed())
            if not names or (each.name or "").lower() in names
            else each
            for each in rows.columns
        )
        return replace(rows, columns=tuple(columns))

    def _without_nulls(self, one: Any) -> TracedRows:
        rows = self.rows(one.input)
        keys = [rows.value([name]) for name in one.cols] or [rows.everything()]
        return rows.with_conditions(*(each.used_for("FILTER") for each in keys))

    def _made(self, made: Any) -> TracedRows:
        """TracedRows that the code made: from nothing that was read, unless it had rows computed."""
        value = (
            TracedValue.untold("rows that the code had computed and gave back") if self.computed else NOTHING
        )
        return _declared(getattr(made, "schema", ""), value)

    def _by_python(self, one: Any) -> TracedRows:
        rows = self.rows(one.input)
        name = one.func.function_name or "a function"
        reason = f"a Python function over whole rows ({name})"
        return TracedRows((), rows.conditions, TracedValue.untold(reason))

    def _same(self, one: Any) -> TracedRows:
        return self.rows(one.input)


def of_source(rows: TracedRows, name: str) -> TracedRows:
    """The columns of a relation as those of a table or of files, which are what is read."""
    if rows.rest is not None and not rows.columns:
        return TracedRows.untold(f"the columns of {name}")
    columns = (
        replace(one, value=TracedValue.of(ColumnOrigin(name, one.name or "?"))) for one in rows.columns
    )
    return TracedRows(tuple(columns))


def _declared(schema: str, value: TracedValue) -> TracedRows:
    if not schema.startswith("{"):
        return TracedRows(rest=value)
    names: Sequence[str] = [one["name"] for one in json.loads(schema)["fields"]]
    return TracedRows(tuple(Column(name, value) for name in names))


def _is(column: Column, parts: Sequence[str]) -> bool:
    return column.is_named(parts[-1], parts[-2] if len(parts) > 1 else None)


_KEEPS_COLUMNS = (
    "collect_metrics", "hint", "limit", "offset", "repartition", "repartition_by_expression", "sample", "sample_by",
    "tail", "with_watermark",
)  # fmt: skip
_READ: dict[str, Callable[[Relations, Any], TracedRows]] = {
    **dict.fromkeys(_KEEPS_COLUMNS, Relations._same),
    **dict.fromkeys(
        ("local_relation", "cached_local_relation", "chunked_cached_local_relation"), Relations._made
    ),
    **dict.fromkeys(("map_partitions", "group_map"), Relations._by_python),
    **dict.fromkeys(("fill_na", "replace"), Relations._filled),
    "aggregate": Relations._aggregate,
    "deduplicate": Relations._once_each,
    "drop": Relations._dropped,
    "drop_na": Relations._without_nulls,
    "filter": Relations._filter,
    "join": Relations._join,
    "project": Relations._project,
    "range": lambda *_: TracedRows((Column("id", NOTHING),)),
    "read": Relations._read,
    "set_op": Relations._set_operation,
    "sort": Relations._sorted,
    "sql": Relations._sql,
    "subquery_alias": Relations._aliased,
    "to_df": lambda own, one: own.rows(one.input).named(list(one.column_names)),
    "unpivot": Relations._unpivoted,
    "with_columns": Relations._with_columns,
    "with_columns_renamed": Relations._renamed,
    "with_relations": Relations._with_relations,
}
