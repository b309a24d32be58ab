"""The shape of the real Olist files: no names, line breaks in quotes, leading zeros, zero instalments."""

import os
import shutil
from pathlib import Path

import pytest

from common.errors import UserError
from lakehouse.olist import load_files
from tests.e2e.checks import assert_medallion
from tests.e2e.lakehouses import Lakehouse

pytestmark = pytest.mark.e2e
DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def lakehouse(tmp_path_factory: pytest.TempPathFactory) -> Lakehouse:
    """The sample as it is published, then a later file of each dataset that breaks every rule once."""
    olist = Lakehouse(tmp_path_factory.mktemp("olist"))
    for number, file in enumerate(load_files(DATA / "olist", olist.home)):
        scratch = file.with_name(".copy")
        shutil.copyfile(file, scratch)
        scratch.replace(file)
        os.utime(file, (1_600_000_000 + number, 1_600_000_000 + number))
    for dirt in (DATA / "dirt").glob("*.csv"):
        target = olist.home.raw / dirt.stem / f"later_{dirt.name}"
        shutil.copyfile(dirt, target)
        os.utime(target, (1_700_000_000, 1_700_000_000))
    olist.run("medallion")
    return olist


def test_every_table_is_what_the_files_say(lakehouse: Lakehouse) -> None:
    assert_medallion(lakehouse)


def test_an_order_that_was_cut_after_its_fourth_field_wipes_no_dates(lakehouse: Lakehouse) -> None:
    cut = "05b15e1081349fc3e0bb7f2f294db717"
    [order] = [row for row in lakehouse.rows("silver.orders") if row["order_id"] == cut]
    assert order["order_status"] == "delivered"
    assert order["order_delivered_customer_date"]
    [rejected] = [
        row
        for row in lakehouse.rows("utils.quarantine")
        if f'"order_id":"{cut}"' in row["record"] and row["dataset"] == "silver.orders"
    ]
    assert rejected["failed_expectations"] == ["well_formed"]


def test_text_stands_in_bronze_as_in_the_file(lakehouse: Lakehouse) -> None:
    reviews = [row["review_comment_message"] for row in lakehouse.rows("bronze.order_reviews")]
    zips = [row["customer_zip_code_prefix"] for row in lakehouse.rows("bronze.customers")]
    assert any(text and "\n" in text for text in reviews)
    assert any(text and '"' in text for text in reviews)
    assert any(zip_code and zip_code.startswith("0") for zip_code in zips)


def test_zero_instalments_are_kept(lakehouse: Lakehouse) -> None:
    assert any(row["payment_installments"] == 0 for row in lakehouse.rows("silver.order_payments"))


def test_files_that_are_no_table_are_rows_of_the_quarantine_and_cost_nothing_else(
    lakehouse: Lakehouse,
) -> None:
    sellers = lakehouse.home.raw / "sellers"
    before = {row["seller_id"] for row in lakehouse.rows("silver.sellers")}
    good = "a" * 32
    header = b"seller_id,seller_zip_code_prefix,seller_city,seller_state\n"
    bad = {
        "blank.csv": b"\n",
        "picture.csv": b"\x89PNG\r\n\x1a\n\x00\x00",
        "foreign.csv": b"name,place\nAnn,Recife\n",
        "latin1.csv": header + f"{good},01037,Recife,PE\n{'b' * 32},01037,São Paulo,SP\n".encode("latin-1"),
        "cut.csv": header + f'{"c" * 32},01037,Natal,RN\n{"d" * 32},"010'.encode(),
    }
    for name, content in bad.items():
        (sellers / name).write_bytes(content)
    (sellers / "empty.csv").touch()
    with pytest.raises(UserError, match=r"sellers/empty\.csv is empty"):
        lakehouse.run(select=("bronze.sellers", "utils.quarantine"))
    (sellers / "empty.csv").unlink()
    lakehouse.run(select=("bronze.sellers", "silver.sellers", "utils.quarantine"))
    rejected = [row for row in lakehouse.rows("utils.quarantine") if Path(row["_source_file"]).name in bad]
    assert sorted(Path(row["_source_file"]).name for row in rejected) == sorted(bad)
    assert all("_corrupt_record" in row["record"] for row in rejected)
    assert all(row["failed_expectations"][0] == "well_formed" for row in rejected)
    count = len(lakehouse.rows("utils.quarantine"))
    lakehouse.rebuild("bronze", ("silver.sellers",))
    assert len(lakehouse.rows("utils.quarantine")) == count
    arrived = {row["seller_id"] for row in lakehouse.rows("silver.sellers")} - before
    assert arrived == {good, "c" * 32}
