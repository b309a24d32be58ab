"""What the engine sees of a query on Apache Spark."""

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from local.engine.running.opening import opened_session
from local.engine.sessions.errors import spark_message


def test_a_large_plan_shows_what_it_names(apache_spark: SparkSession) -> None:
    """Compressed by the client, it would hide `_metadata`: each row would then name a file of the engine's own."""
    with opened_session("spark") as (session, observer), observer.watching() as seen:
        rows = session.range(1).select(F.struct(F.lit("a").alias("file_path")).alias("_metadata"))
        wide = rows.select("_metadata.file_path", *(F.lit(n).alias(f"column_{n}") for n in range(500)))
        assert len(wide.schema) == 501
        assert seen.analysed is not None
        assert seen.may_name_metadata()


def test_a_session_is_not_forgotten_while_it_is_idle(apache_spark: SparkSession) -> None:
    assert apache_spark.conf.get("spark.connect.session.manager.defaultSessionTimeout") == "-1"


def test_an_error_is_told_once_and_without_a_plan(
    apache_spark: SparkSession, capfd: pytest.CaptureFixture[str]
) -> None:
    with opened_session("spark") as (session, _), pytest.raises(PySparkException) as raised:
        session.sql("SELECT nowhere FROM VALUES (1) AS t(x)").collect()
    assert spark_message(raised.value).endswith("SQLSTATE: 42703; line 1 pos 7")
    assert "nowhere" not in capfd.readouterr().err
