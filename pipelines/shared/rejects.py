"""What quarantine keeps of a row: how it stood in its source, and the drop rules that it breaks."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipelines.schemas.model import RULES_VERSION, Table
from pipelines.shared.rule_versions import rules_version

_RECORD = "_record"
_MISFITS = ("_rescued_data", "_corrupt_record")


def with_record(raw: DataFrame, source: Table) -> DataFrame:
    """Keeps the source columns and what did not fit them as they are, before anything is cleaned."""
    misfits = [name for name in _MISFITS if name in source.column_names]
    return raw.withColumn(_RECORD, F.struct(*source.source_columns, *misfits))


def rejected(cleaned: DataFrame, dataset: str, drop: dict[str, str]) -> DataFrame:
    """The rows that break a rule of `drop`, as utils.quarantine keeps them; with_record goes first."""
    failed = failed_expectations(drop)
    return cleaned.where(F.size(failed) > 0).select(
        F.lit(dataset).alias("dataset"),
        failed.alias("failed_expectations"),
        # Of the few rows that are left: text costs more than to look at them.
        F.to_json(_RECORD, {"ignoreNullFields": "false"}).alias("record"),
        "_source_file",
        "_ingested_at",
        F.lit(rules_version(dataset.partition(".")[2])).alias(RULES_VERSION.name),
    )


def failed_expectations(rules: dict[str, str]) -> Column:
    """The names of the rules that a row breaks, as ARRAY<STRING> in the order of the rules."""
    names = [F.when(~F.expr(predicate), name) for name, predicate in rules.items()]
    return F.array_compact(F.array(*names))
