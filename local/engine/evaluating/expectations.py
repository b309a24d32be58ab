"""Counts every expectation of the rows that a flow gives, while they are written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from common.counting import counted
from common.errors import UserError
from local.engine.evaluating.expectation_count import ExpectationCount
from local.engine.language.model import Dataset, Expectation
from local.engine.storage.delta import DataFile, read_files, stage

FAILED = "{place}: expectation '{name}' of {dataset} failed: {failed:,} of {records}"


@dataclass(frozen=True)
class Checked:
    """The files of the rows that stay, the counts, and how many rows a drop rule kept out."""

    files: list[DataFile]
    counts: list[ExpectationCount] = field(default_factory=list)
    dropped: int = 0

    @property
    def rows(self) -> int:
        """The rows that stay."""
        return sum(file.rows for file in self.files)


def write_checked(
    session: SparkSession,
    rows: DataFrame,
    schema: StructType,
    folder: Path,
    dataset: Dataset,
    root: Path,
) -> Checked:
    """Stages the rows of a dataset below a folder, without those that break a drop rule.

    A predicate that gives null is broken. Raises UserError, with the place below the pipeline's `root`, when a fail
    rule is broken: nothing is left behind.
    """
    files, expectations = stage(rows, folder), dataset.expectations
    if not expectations or not files:
        return Checked(files, [ExpectationCount(dataset.name, e.name, e.action, 0, 0) for e in expectations])
    written = read_files(session, schema, [file.path for file in files])
    try:
        counts = _counts(written, dataset.name, expectations)
        _stop_at_broken(counts, dataset.place.shown(root))
    except BaseException:
        _remove(files)
        raise
    if not any(count.failed for count in counts if count.action == "drop"):
        return Checked(files, counts)
    kept = stage(kept_of(written, expectations), folder)
    _remove(files)
    return Checked(kept, counts, sum(file.rows for file in files) - sum(file.rows for file in kept))


def kept_of(rows: DataFrame, expectations: Sequence[Expectation]) -> DataFrame:
    """The rows that break no drop rule."""
    return reduce(DataFrame.where, [passes(each) for each in expectations if each.action == "drop"], rows)


def _counts(rows: DataFrame, dataset: str, expectations: Sequence[Expectation]) -> list[ExpectationCount]:
    broken = [F.count(F.when(~passes(each), 1)).alias(f"broken_{n}") for n, each in enumerate(expectations)]
    [found] = rows.agg(F.count(F.lit(1)).alias("records"), *broken).collect()
    return [
        ExpectationCount(
            dataset, each.name, each.action, found["records"] - found[f"broken_{n}"], found[f"broken_{n}"]
        )
        for n, each in enumerate(expectations)
    ]


def passes(expectation: Expectation) -> Column:
    """Whether a row keeps an expectation: true or false, never null."""
    predicate = expectation.predicate
    column = F.expr(predicate) if isinstance(predicate, str) else predicate
    return F.coalesce(column.cast("boolean"), F.lit(False))


def _stop_at_broken(counts: Sequence[ExpectationCount], place: str) -> None:
    for count in counts:
        if count.action == "fail" and count.failed:
            raise UserError(
                FAILED.format(
                    place=place,
                    name=count.name,
                    dataset=count.dataset,
                    failed=count.failed,
                    records=counted(count.passed + count.failed, "row"),
                )
            )


def _remove(files: Sequence[DataFile]) -> None:
    for file in files:
        file.path.unlink(missing_ok=True)
