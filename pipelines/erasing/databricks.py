"""Erases a person in a workspace: the last task of the job `erase`, on serverless compute.

DML on a streaming table runs on a SQL warehouse or on standard compute of Unity Catalog, as who owns the pipelines:
https://docs.databricks.com/aws/en/ldp/dbsql/dbsql-for-ldp and .../ldp/cdc-advanced
"""

import argparse
import re
from collections.abc import Collection
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from pipelines.erasing.report import ErasureReport, Removed
from pipelines.erasing.requests import recorded
from pipelines.erasing.rows import TABLES_OF_PERSONS, predicate
from pipelines.lineage import STREAMING_TABLES
from pipelines.schemas import TABLES
from pipelines.schemas.privacy import id_columns

# Readers of the requests pass over names that begin so.
REPORTS = "_reports"


def main(arguments: list[str] | None = None) -> None:
    """Erases whom the digest `--start` leads to, and prints the report."""
    parser = argparse.ArgumentParser(description="Started by `lakehouse erase customer ID --env ENV`.")
    parser.add_argument("--catalog", required=True)
    parser.add_argument("--erasures-path", type=Path, required=True, help="the volume of the requests")
    parser.add_argument("--start", required=True, type=_digest, help="digest of an id of the person")
    parser.add_argument("--reason", default="")
    options = parser.parse_args(arguments)
    spark = SparkSession.builder.getOrCreate()
    spark.sql(f"USE CATALOG `{options.catalog}`")
    report = erase(spark, options.erasures_path, options.start, options.reason or None)
    print("\n".join(report.lines()))
    print(f"report: {report.write(options.erasures_path / REPORTS)}")


def _digest(text: str) -> str:
    """Whoever starts the job by hand might give an id, which must not be kept."""
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise argparse.ArgumentTypeError(
            "no SHA-256 digest: start it by `lakehouse erase customer ID --env ENV`"
        )
    return text


def erase(spark: SparkSession, erasures: Path, start: str, reason: str | None) -> ErasureReport:
    """Records the request, deletes the rows of the person, and lists the files that still hold some.

    The pipelines must have read before what is delivered. No id leaves the tables: statements hold digests.
    """
    request, earlier = recorded(erasures, start, reason, spark.table)
    tables: list[Removed] = []
    files: set[str] = set()
    for name in TABLES_OF_PERSONS:
        rows = spark.table(name)
        where = predicate(rows.columns, request.digests) or "false"
        theirs = _rows_by_file(rows, where)
        if theirs:
            files |= theirs.keys() - {""}
            for statement in deleting_statements(name, where):
                spark.sql(statement)
            tables.append(Removed(name, sum(theirs.values())))
    return ErasureReport(
        request, tables, (), sorted(files), earlier, next_steps([one.name for one in tables])
    )


def deleting_statements(name: str, where: str) -> list[str]:
    """What deletes the rows of a table: at once from what is read, then from the files that deletion vectors left."""
    # Names and digests only, no text of anybody's.
    return [f"DELETE FROM {name} WHERE {where}", f"REORG TABLE {name} APPLY (PURGE)"]  # noqa: S608


def _rows_by_file(rows: DataFrame, where: str) -> dict[str, int]:
    """How many rows of the person each delivered file has given; of a table that names no files under an empty text.

    Counted in one reading, and not filtered by: Sail, on which the local workspace runs this, cannot push a condition
    with a lambda down.
    """
    file = F.coalesce("_source_file", F.lit("")) if "_source_file" in rows.columns else F.lit("")
    counted = rows.groupBy(file.alias("file")).agg(F.sum(F.expr(where).cast("INT")).alias("theirs"))
    return {row["file"]: row["theirs"] for row in counted.collect() if row["theirs"]}


def next_steps(changed: Collection[str]) -> list[str]:
    """What is left to do when the tables `changed`, for whoever started it."""
    if not changed:
        return []
    views = [table.name for table in TABLES if table.name not in STREAMING_TABLES and id_columns(table)]
    purge = "; ".join(f"REORG TABLE {name} APPLY (PURGE)" for name in views)
    return [
        f"next: start the main job, which makes the views anew, then: {purge}",
        "Old versions go with VACUUM, 7 days after that, or when delta.deletedFileRetentionDuration says; until then "
        "time travel finds the person. Predictive optimization runs it, else: VACUUM each of these tables.",
    ]
