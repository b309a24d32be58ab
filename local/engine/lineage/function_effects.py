"""What functions do with their arguments, by their names; for plans and for SQL."""

from collections.abc import Callable, Iterable, Sequence

from local.engine.lineage.traced_values import TracedValue, merged

AGGREGATES = {
    "any", "any_value", "approx_count_distinct", "approx_percentile", "approx_top_k", "array_agg", "avg", "bit_and",
    "bit_or", "bit_xor", "bitmap_construct_agg", "bitmap_or_agg", "bool_and", "bool_or", "collect_list", "collect_set",
    "corr", "count", "count_distinct", "count_if", "count_min_sketch", "covar_pop", "covar_samp", "every", "first",
    "first_value", "grouping", "grouping_id", "histogram_numeric", "hll_sketch_agg", "hll_union_agg", "kurtosis",
    "last", "last_value", "listagg", "max", "mean", "median", "min", "mode", "percentile", "percentile_approx",
    "percentile_cont", "percentile_disc", "product", "regr_avgx", "regr_avgy", "regr_count", "regr_intercept",
    "regr_r2", "regr_slope", "regr_sxx", "regr_sxy", "regr_syy", "schema_of_json_agg", "skewness", "some", "std",
    "stddev", "stddev_pop", "stddev_samp", "string_agg", "sum", "sum_distinct", "try_avg", "try_sum", "var_pop",
    "var_samp", "variance",
}  # fmt: skip
"""Functions that make one value of many rows, but for those by which one of them is chosen."""
GENERATORS = {
    "explode": ("col",),
    "explode_outer": ("col",),
    "posexplode": ("pos", "col"),
    "posexplode_outer": ("pos", "col"),
}
"""What they make of an array, by its names; of a map they make one column more."""
STRUCTS_TO_ROWS = ("inline", "inline_outer")
_BY = ("max_by", "min_by")
_CHOICES = ("when", "if", "iff", "nvl2", "nullif")
# What they give is one of their arguments, an element of it, or an array of them.
_KEEPS_STRUCTS = {
    "array", "array_compact", "array_distinct", "array_max", "array_min", "coalesce", "element_at", "flatten", "get",
    "ifnull", "lag", "lead", "nth_value", "nvl", "slice", "try_element_at",
}  # fmt: skip


def is_aggregate(name: str) -> bool:
    """Whether a function makes one value of many rows."""
    return name in AGGREGATES or name in _BY


def applied(name: str, arguments: Sequence[TracedValue]) -> TracedValue:
    """The value of a call; `name` is in lower case."""
    if name in _CHOICES:
        return _chosen(name, arguments)
    if name in _BY and len(arguments) >= 2:
        return _kept(arguments[:1], TracedValue.aggregated).also(arguments[1].used_for("CONDITIONAL"))
    if is_aggregate(name):
        return _kept(arguments, TracedValue.aggregated)
    if name in _KEEPS_STRUCTS:
        return _kept(arguments, TracedValue.changed)
    return merged(one.changed() for one in arguments)


def structured(fields: Iterable[tuple[str, TracedValue]]) -> TracedValue:
    """A struct of these fields."""
    named = dict(fields)
    whole = merged(value.changed() for value in named.values())
    return TracedValue(whole.uses, whole.unknown, named)


def windowed(function: TracedValue, window: Iterable[TracedValue]) -> TracedValue:
    """A function over a window that these expressions make."""
    return function.also(*(one.used_for("WINDOW") for one in window))


def _chosen(name: str, arguments: Sequence[TracedValue]) -> TracedValue:
    if name == "nullif":
        conditions, values = arguments[1:], arguments[:1]
    elif name == "when":
        # The last of an odd number is what holds otherwise.
        places = range(0, len(arguments) - 1, 2)
        conditions = [arguments[place] for place in places]
        values = [one for place, one in enumerate(arguments) if place not in places]
    else:
        conditions, values = arguments[:1], arguments[1:]
    return _kept(values, TracedValue.changed).also(*(one.used_for("CONDITIONAL") for one in conditions))


def _kept(values: Sequence[TracedValue], change: Callable[[TracedValue], TracedValue]) -> TracedValue:
    """All of the values changed, field by field where all that are no literals are structs of the same fields."""
    whole = merged(map(change, values))
    structs = [one for one in values if one.uses or one.unknown or one.fields]
    names = structs[0].fields.keys() if structs else set()
    if any(one.fields.keys() != names for one in structs):
        return whole
    fields = {name: _kept([one.fields[name] for one in structs], change) for name in names}
    return TracedValue(whole.uses, whole.unknown, fields)
