"""Which rows are of a person who was erased: by their ids, and by ids in what did not fit a row."""

from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.streaming.readwriter import DataStreamReader

from pipelines.schemas.model import Table
from pipelines.schemas.privacy import ID_IN_TEXT, id_columns, text_columns
from pipelines.shared.columns import lower_text

ERASED = "_erased"
NOT_ERASED = {"not_erased": f"NOT {ERASED}"}


def kept(stream: DataStreamReader) -> DataStreamReader:
    """A reader of a table of which an erasure deletes rows: that is no news to what reads it as a stream."""
    return stream.option("skipChangeCommits", "true")


def with_erasures(rows: DataFrame, table: Table, erasures: DataFrame) -> DataFrame:
    """Adds `_erased`, which the rule NOT_ERASED looks at, so that what is kept out is counted.

    `rows` have the columns of `table`, uncleaned; `erasures` are those of privacy.erasures.
    """
    known_by = [f"_by_{name}" for name in id_columns(table)]
    for name, known in zip(id_columns(table), known_by, strict=True):
        digests = erasures.select(F.col("digest").alias(known)).distinct()
        rows = rows.join(digests, F.sha2(lower_text(name), 256) == F.col(known), "left")
    every = erasures.agg(F.collect_set("digest").alias("_by_text"))
    # Hardly a row has such a text: the others cost no look at all digests.
    text = F.concat_ws(" ", *text_columns(table))
    rows = rows.join(every, (text != "") & F.arrays_overlap(digests_in(text), "_by_text"), "left")
    found = [F.col(name).isNotNull() for name in (*known_by, "_by_text")]
    return rows.withColumn(ERASED, reduce(or_, found)).drop(*known_by, "_by_text")


def digests_in(text: Column) -> Column:
    """The digests of all ids that stand in a text, ARRAY<STRING>."""
    ids = F.regexp_extract_all(F.lower(text), F.lit(ID_IN_TEXT), F.lit(0))
    return F.transform(ids, lambda one: F.sha2(one, 256))
