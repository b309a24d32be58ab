"""Write, audit, publish: what becomes of the tables when a part of the main job fails."""

from pathlib import Path

import pytest

from common.errors import UserError
from pipelines.catalog import MAX_QUARANTINED_SHARE, QUALITY, Pipeline
from tests.e2e.lakehouses import Lakehouse
from tests.e2e.worlds import Worlds

pytestmark = pytest.mark.e2e
# Two orders of which the second has no status: half of what was delivered is rejected.
HEADER = "order_id,customer_id,order_status,order_purchase_timestamp\n"
GOOD = f"{'a' * 32},{'b' * 32},delivered,2018-01-01 10:00:00\n"
BAD = f"{'c' * 32},{'b' * 32},,2018-01-01 10:00:00\n"


@pytest.fixture
def lakehouse(worlds: Worlds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lakehouse:
    """After a run that passed the gate, with a limit of a hundredth from then on."""
    monkeypatch.setitem(dict_of(QUALITY), MAX_QUARANTINED_SHARE, "0.01")
    return worlds.copy("clean", tmp_path / "home")


def dict_of(pipeline: Pipeline) -> dict[str, str]:
    assert isinstance(pipeline.settings, dict)
    return pipeline.settings


def deliver(lakehouse: Lakehouse, rows: str) -> None:
    (lakehouse.home.raw / "orders" / "orders_run00007.csv").write_text(HEADER + rows)


def test_a_failed_gate_keeps_its_evidence_and_gold_its_tables_until_it_is_mended(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {name: rows for name, rows in lakehouse.contents().items() if name.startswith("gold.")}
    deliver(lakehouse, GOOD + BAD * 9)
    with pytest.raises(UserError) as error:
        lakehouse.run()
    told = str(error.value)
    assert "quarantine_within_limit" in told and "utils.verdict" in told
    [published] = lakehouse.rows("gold.publication")
    assert f"as of what was read until {published['read_until']:%Y-%m-%d %H:%M} UTC" in told
    after = lakehouse.contents()
    assert {name: rows for name, rows in after.items() if name.startswith("gold.")} == before
    # Silver has the new order, and quality says what is wrong.
    assert "a" * 32 in {row["order_id"] for row in lakehouse.rows("silver.orders")}
    [orders] = [row for row in lakehouse.rows("utils.reconciliation") if row["dataset"] == "silver.orders"]
    assert orders["quarantined_records"] == 9 and orders["quarantined_share"] > 0.01
    [result] = [
        r
        for r in lakehouse.rows("utils.expectation_results")
        if r["expectation"] == "quarantine_within_limit"
    ]
    assert (result["dataset"], result["action"], result["failed_records"]) == ("utils.verdict", "fail", 1)
    verdict = {row["dataset"]: row["quarantined_records"] for row in lakehouse.rows("utils.verdict")}
    assert verdict["silver.orders"] == 0
    # The same sums, which may pass now: nothing new has come, and the next run publishes.
    monkeypatch.setitem(dict_of(QUALITY), MAX_QUARANTINED_SHARE, "1")
    lakehouse.run()
    verdict = {row["dataset"]: row["quarantined_records"] for row in lakehouse.rows("utils.verdict")}
    assert verdict["silver.orders"] == 9
    [renewed] = lakehouse.rows("gold.publication")
    assert renewed["read_until"] > published["read_until"]


def test_what_fails_stops_only_what_needs_it(lakehouse: Lakehouse) -> None:
    (lakehouse.home.raw / "sellers" / "sellers_run00008.csv").touch()
    events = lakehouse.home.cdc / "customers" / "customers_run00009.jsonl"
    events.write_text(
        '{"sequence_number": 900000, "operation": "DELETE", "customer_id": "%s"}\n' % ("d" * 32)
    )
    before = lakehouse.versions()
    with pytest.raises(UserError, match=r"sellers_run00008\.csv is empty"):
        lakehouse.run()
    after = lakehouse.versions()
    moved = {name.split(".")[0] for name in after if after[name] != before[name]}
    assert moved == {"cdc"}
