"""Pairs the rows of a table before and after: which column is which, and what tells a row."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, DoubleType, FloatType, MapType, StructField, StructType

from lakehouse.difference.report import SchemaChange
from pipelines.schemas.model import RULES_VERSION

# What tells when a row was read, not what it says.
READING_TIME = frozenset({"_ingested_at", "read_until"})
# What says how a row came about and not what it says: other rules would show as a change of every row.
LEFT_ASIDE = READING_TIME | {RULES_VERSION.name}
# How alike the values, or where there are none the names, of a renamed column are.
ALIKE = 0.9
ALIKE_IN_NAME = 0.7
# A key that is looked for has at most as many columns.
LONGEST_KEY = 4

# Names that no column of a table has.
ROW, _NUMBER = "__row", "__number"

# A column before and after.
Pair = tuple[str, str]


def key_of(old: DataFrame, new: DataFrame, known: Sequence[str]) -> list[str]:
    """The key that both sides have: the known one, else the first columns that told every row apart before."""
    both = [field.name for field in old.schema.fields if field.name in new.columns]
    if known and set(known) <= set(both):
        return list(known)
    inexact = (DoubleType, FloatType)
    exact = [name for name in both if not isinstance(old.schema[name].dataType, inexact)]
    plain = [name for name in exact if name not in LEFT_ASIDE]
    candidates = [[name] for name in plain] + [plain[:length] for length in range(2, LONGEST_KEY + 1)]
    return next((key for key in candidates if not repeated_keys(old, key)), [])


def repeated_keys(rows: DataFrame, key: Sequence[str]) -> int:
    """How many keys more rows than one have."""
    return rows.groupBy(*key).agg(F.count("*").alias(_NUMBER)).where(f"{_NUMBER} > 1").count()


def schema_changes(before: StructType, after: StructType, renamed: Iterable[Pair] = ()) -> list[SchemaChange]:
    """The columns that were added, dropped, retyped and, of those, `renamed` (before, after)."""
    old = {field.name: field.dataType.simpleString() for field in before.fields}
    new = {field.name: field.dataType.simpleString() for field in after.fields}
    names = dict(renamed)
    found = [SchemaChange("renamed", then, name, then) for name, then in names.items()]
    found += [SchemaChange("added", c, "", new[c]) for c in new if c not in old and c not in names.values()]
    found += [SchemaChange("dropped", c, old[c]) for c in old if c not in new and c not in names]
    found += [SchemaChange("retyped", c, old[c], new[c]) for c in old if c in new and old[c] != new[c]]
    found += [
        SchemaChange("retyped", then, old[name], new[then])
        for name, then in names.items()
        if old[name] != new[then]
    ]
    return found


def renamed_columns(old: DataFrame, new: DataFrame, key: Sequence[str]) -> list[Pair]:
    """Columns that stand on one side only and hold the same: (before, after), each once, the likest first."""
    types = {
        **{f.name: f.dataType for f in new.schema.fields},
        **{f.name: f.dataType for f in old.schema.fields},
    }
    gone = [name for name in old.columns if name not in new.columns]
    come = [name for name in new.columns if name not in old.columns]
    pairs = [(a, b) for a in gone for b in come if types[a] == types[b]]
    likeness = _likeness(old, new, key, pairs) if pairs else {}
    found: list[Pair] = []
    for pair in sorted(likeness, key=lambda one: -likeness[one]):
        if not any({*pair} & {*other} for other in found):
            found.append(pair)
    return found


def _likeness(old: DataFrame, new: DataFrame, key: Sequence[str], pairs: Sequence[Pair]) -> dict[Pair, float]:
    """The pairs that are alike enough: by the share of rows with equal values, by their names without any."""
    named = {(a, b): SequenceMatcher(None, a, b).ratio() for a, b in pairs}
    shares: dict[str, float | None] = {}
    if key:
        joined = paired_rows(old, new, key, pairs)
        some = [
            F.avg(_same(f"old.{a}", f"new.{b}").cast("double")).alias(str(n))
            for n, (a, b) in enumerate(pairs)
        ]
        filled = joined.where(f"old.{ROW} IS NOT NULL AND new.{ROW} IS NOT NULL")
        [shares] = filled.agg(*some).toArrow().to_pylist()
    found: dict[Pair, float] = {}
    for number, pair in enumerate(pairs):
        share = shares.get(str(number))
        like = share if share is not None else named[pair]
        if like >= (ALIKE if share is not None else ALIKE_IN_NAME):
            found[pair] = like + named[pair] / 100
    return found


def _same(one: str, other: str) -> Column:
    return F.col(one).eqNullSafe(F.col(other))


def hash_of(rows: DataFrame, columns: Sequence[str]) -> Column:
    """A hash of the columns' values and of where they stand."""
    return _hash_of([F.col(name) for name in columns], [rows.schema[name].dataType for name in columns])


def _hash_of(values: Sequence[Column], kinds: Sequence[DataType]) -> Column:
    """xxhash64 alone passes over what is null, also in lists, structs and maps."""
    hashed = [_without_nulls(value, kind) for value, kind in zip(values, kinds, strict=True)]
    places = [F.when(value.isNull(), F.lit(number)) for number, value in enumerate(values)]
    return F.xxhash64(*hashed, *places, F.lit(len(values)))


def _without_nulls(value: Column, kind: DataType) -> Column:
    """A value of a nested type as hashes of what it holds."""
    if isinstance(kind, MapType):
        entry = StructType([StructField("key", kind.keyType), StructField("value", kind.valueType)])
        return _without_nulls(F.map_entries(value), ArrayType(entry))
    if isinstance(kind, ArrayType):
        return F.transform(value, lambda one: _hash_of([one], [kind.elementType]))
    if isinstance(kind, StructType):
        return _hash_of([value[name] for name in kind.names], [field.dataType for field in kind.fields])
    return value


def paired_rows(old: DataFrame, new: DataFrame, key: Sequence[str], columns: Sequence[Pair]) -> DataFrame:
    """Both sides by key, as `old` and `new`; a column `ROW` of each is a hash of `columns`, null where it has no row.

    Of rows with one key the first goes with the first, in the order of their hashes.
    """
    left = _with_row(old, key, [before for before, _ in columns])
    right = _with_row(new, key, [after for _, after in columns])
    same = [F.col(f"old.{name}").eqNullSafe(F.col(f"new.{name}")) for name in (*key, _NUMBER)]
    return left.alias("old").join(right.alias("new"), same, "full")


def _with_row(rows: DataFrame, key: Sequence[str], columns: Sequence[str]) -> DataFrame:
    listed = list(dict.fromkeys([*key, *columns]))
    hashed = rows.select(*listed, hash_of(rows, columns).alias(ROW))
    # To number rows is to sort them, four times the work of all else.
    if not repeated_keys(rows, key):
        return hashed.withColumn(_NUMBER, F.lit(1))
    listed_key = ", ".join(f"`{name}`" for name in key)
    return hashed.withColumn(
        _NUMBER, F.expr(f"row_number() OVER (PARTITION BY {listed_key} ORDER BY `{ROW}`)")
    )


def surplus_rows(old: DataFrame, new: DataFrame, columns: Sequence[Pair]) -> tuple[int, int]:
    """How many rows are on one side more often than on the other, as a whole: (after, before)."""
    sides = ((old, -1, [before for before, _ in columns]), (new, 1, [after for _, after in columns]))
    hashes = [
        rows.select(hash_of(rows, names).alias("row"), F.lit(sign).alias("sign"))
        for rows, sign, names in sides
    ]
    more = hashes[0].union(hashes[1]).groupBy("row").agg(F.sum("sign").alias("more"))
    counts = more.agg(
        F.sum(F.greatest("more", F.lit(0))).alias("added"),
        F.sum(F.greatest(-F.col("more"), F.lit(0))).alias("removed"),
    )
    [found] = counts.toArrow().to_pylist()
    return found["added"] or 0, found["removed"] or 0
