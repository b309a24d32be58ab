"""Which rows are of a person who was erased."""

import hashlib
from datetime import UTC, datetime

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from pipelines import schemas
from pipelines.erasing.databricks import main
from pipelines.erasing.report import ErasureReport, Removed
from pipelines.erasing.requests import Request
from pipelines.erasing.rows import predicate
from pipelines.schemas import Table, bronze, cdc, utils
from pipelines.schemas.privacy import ERASURES, id_columns, text_columns
from pipelines.shared.erasure import ERASED, with_erasures
from tests.oracle import rows_of
from tests.pipelines.frames import frame

PERSON, CUSTOMER, ORDER, REVIEW, OTHER = (letter * 32 for letter in "abcde")


def erased(spark: SparkSession, table: Table, *rows: dict[str, str], ids: tuple[str, ...]) -> list[bool]:
    digests = [hashlib.sha256(one.encode()).hexdigest() for one in ids]
    known = frame(spark, ERASURES, *({"request_id": "r", "digest": digest} for digest in digests * 2))
    numbered = [{**row, "_source_file": str(number)} for number, row in enumerate(rows)]
    said = F.expr(predicate(table.column_names, digests) or "false")
    found = rows_of(with_erasures(frame(spark, table, *numbered).withColumn("said", said), table, known))
    ordered = sorted(found, key=lambda row: row["_source_file"])
    # What is deleted is what is kept out.
    assert [row["said"] for row in ordered] == [row[ERASED] for row in ordered]
    return [row[ERASED] for row in ordered]


def test_a_row_is_known_by_each_of_its_ids_cleaned_or_not(spark: SparkSession) -> None:
    rows = [
        {"order_id": ORDER, "customer_id": OTHER},
        {"order_id": OTHER, "customer_id": f" {CUSTOMER.upper()} "},
        {"order_id": OTHER, "customer_id": OTHER},
        {"customer_id": CUSTOMER[:31]},
        {},
    ]
    ids = (PERSON, CUSTOMER, ORDER)
    assert erased(spark, bronze.ORDERS, *rows, ids=ids) == [True, True, False, False, False]
    assert erased(spark, bronze.ORDERS, *rows, ids=()) == [False] * 5


def test_a_row_is_known_by_an_id_in_what_did_not_fit_it(spark: SparkSession) -> None:
    rows = [
        {"review_id": "x", "_corrupt_record": f"x,{ORDER.upper()},5,surplus"},
        {"review_id": REVIEW, "order_id": ORDER[:31]},
        {"review_id": OTHER, "_rescued_data": f'{{"note": "{OTHER}"}}'},
        {"review_id": OTHER, "review_comment_message": f"as in {ORDER}"},
    ]
    assert erased(spark, bronze.ORDER_REVIEWS, *rows, ids=(ORDER, REVIEW)) == [True, True, False, False]
    event = {"customer_id": OTHER, "customer_unique_id": PERSON}
    assert erased(spark, cdc.CUSTOMERS_CHANGES, event, ids=(PERSON,)) == [True]
    record = {"record": f'{{"customer_id":"{CUSTOMER}"}}'}
    assert erased(spark, utils.QUARANTINE, record, ids=(CUSTOMER,)) == [True]


@pytest.mark.parametrize("table", schemas.TABLES, ids=lambda table: table.name)
def test_what_is_personal_is_found(table: Table) -> None:
    personal = [column.name for column in table.columns if column.pii]
    assert not personal or id_columns(table) or text_columns(table)


def test_the_job_takes_a_digest_only(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--catalog", "c", "--erasures-path", "nowhere", "--start", PERSON])
    told = capsys.readouterr().err
    assert "--start: no SHA-256 digest" in told and PERSON not in told


@pytest.mark.parametrize(
    ("reason", "tables", "first"),
    [
        ("by letter", (Removed("bronze.orders", 2),), "request r (by letter)"),
        (None, (Removed("bronze.orders", 2),), "request r"),
        ("by letter", (), "request r (by letter): nothing found of this person"),
        (None, (), "request r: nothing found of this person"),
    ],
)
def test_a_report_begins_with_the_request_and_why(
    reason: str | None, tables: tuple[Removed, ...], first: str
) -> None:
    request = Request("r", datetime(2026, 5, 3, tzinfo=UTC), reason, frozenset())
    assert ErasureReport(request, tables, (), (), (), ()).lines()[0] == first
