"""Which rows are of a person who was erased: by their ids, and by ids in what did not fit a row."""

from functools import reduce
from operator import or_

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.streaming.readwriter import DataStreamReader

from pipelines.schemas.model import Table
from pipelines.schemas.privacy import ID_IN_TEXT, id_columns, text_columns
from pipelines.shared.columns import lower_text

ERASED = "_erased"
# A broken line of any dataset has fewer.
IDS_IN_TEXT = 4
NOT_ERASED = {"not_erased": f"NOT {ERASED}"}


def skip_change_commits(stream: DataStreamReader) -> DataStreamReader:
    """A reader of a table of which an erasure deletes rows: that is no news to what reads it as a stream."""
    return stream.option("skipChangeCommits", "true")


def with_erasures(rows: DataFrame, table: Table, erasures: DataFrame) -> DataFrame:
    """Adds `_erased`, which the rule NOT_ERASED looks at, so that what is kept out is counted.

    `rows` have the columns of `table`, uncleaned; `erasures` are those of privacy.erasures. Of what did not fit a row
    the first IDS_IN_TEXT ids are looked at.
    """
    ids = [lower_text(name) for name in id_columns(table)]
    found = F.regexp_extract_all(F.lower(F.concat_ws(" ", *text_columns(table))), F.lit(ID_IN_TEXT), F.lit(0))
    ids += [F.get(found, place) for place in range(IDS_IN_TEXT)]
    known = [f"_known_{number}" for number in range(len(ids))]
    # A join by equality for each: any other looks at every digest for every row.
    for name, one in zip(known, ids, strict=True):
        digests = erasures.select(F.col("digest").alias(name)).distinct()
        rows = rows.join(digests, F.sha2(one, 256) == F.col(name), "left")
    return rows.withColumn(ERASED, reduce(or_, [F.col(name).isNotNull() for name in known])).drop(*known)
