"""The default world's contents: keys, sums, times, places; the seed project's generator defects 15 to 29."""

import re
from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal

import pytest

from generator.places import CITIES
from generator.spec import DATASETS, ENTITIES, KEYS
from tests.generator.worlds import Row, World, small

CLOCK = datetime(2019, 1, 2)
STATUSES = {
    "created",
    "approved",
    "invoiced",
    "processing",
    "shipped",
    "delivered",
    "canceled",
    "unavailable",
}
# The area codes that Brazil's numbering plan assigns.
AREA_CODES = {
    *range(11, 20), 21, 22, 24, 27, 28, *range(31, 36), 37, 38, *range(41, 50), 51, 53, 54, 55, *range(61, 70),
    71, 73, 74, 75, 77, 79, *range(81, 90), *range(91, 100),
}  # fmt: skip


def time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")


def by(rows: list[Row], column: str) -> dict[str, list[Row]]:
    groups = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups


def test_sizes_are_the_default_ones(default_world: World) -> None:
    sizes = {dataset: len(default_world.rows(dataset)) for dataset in DATASETS}
    assert sizes["customers"] == 1000
    assert sizes["products"] == 500
    assert sizes["sellers"] == 100
    assert sizes["orders"] == 5000
    assert sizes["geolocation"] >= 120
    assert 14_500 < sizes["order_items"] < 15_500
    assert 9_000 < sizes["order_payments"] < 10_500
    assert 2_500 < sizes["order_reviews"] < 3_200


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_file_has_olists_columns(default_world: World, dataset: str) -> None:
    assert tuple(default_world.rows(dataset)[0]) == DATASETS[dataset]


@pytest.mark.parametrize("dataset", [dataset for dataset in DATASETS if dataset != "geolocation"])
def test_keys_are_unique(default_world: World, dataset: str) -> None:
    keys = [tuple(row[column] for column in KEYS[dataset]) for row in default_world.rows(dataset)]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("child", "column", "parent"),
    [
        ("orders", "customer_id", "customers"),
        ("order_items", "order_id", "orders"),
        ("order_items", "product_id", "products"),
        ("order_items", "seller_id", "sellers"),
        ("order_payments", "order_id", "orders"),
        ("order_reviews", "order_id", "orders"),
    ],
)
def test_every_foreign_key_resolves(default_world: World, child: str, column: str, parent: str) -> None:
    known = {row[column] for row in default_world.rows(parent)}
    assert {row[column] for row in default_world.rows(child)} <= known


def test_payments_add_up_to_the_items_to_the_cent(default_world: World) -> None:
    items, payments = (by(default_world.rows(f"order_{part}"), "order_id") for part in ("items", "payments"))
    for order, paid in payments.items():
        due = sum(Decimal(item["price"]) + Decimal(item["freight_value"]) for item in items[order])
        assert sum(Decimal(payment["payment_value"]) for payment in paid) == due
        assert all(Decimal(payment["payment_value"]) > 0 for payment in paid)


def test_only_approved_orders_are_paid(default_world: World) -> None:
    paid = set(by(default_world.rows("order_payments"), "order_id"))
    approved = {row["order_id"] for row in default_world.rows("orders") if row["order_approved_at"]}
    assert paid == approved


def test_every_order_has_items_numbered_from_one(default_world: World) -> None:
    items = by(default_world.rows("order_items"), "order_id")
    assert set(items) == {row["order_id"] for row in default_world.rows("orders")}
    for rows in items.values():
        assert [int(row["order_item_id"]) for row in rows] == list(range(1, len(rows) + 1))


def test_only_credit_cards_pay_in_instalments(default_world: World) -> None:
    instalments = defaultdict(set)
    for row in default_world.rows("order_payments"):
        instalments[row["payment_type"]].add(int(row["payment_installments"]))
    assert set(instalments) == {"credit_card", "boleto", "voucher", "debit_card"}
    assert instalments.pop("credit_card") == set(range(1, 13))
    assert set.union(*instalments.values()) == {1}


def test_all_eight_statuses_occur_and_decide_which_dates_are_there(default_world: World) -> None:
    dates = ("order_approved_at", "order_delivered_carrier_date", "order_delivered_customer_date")
    seen = defaultdict(set)
    for row in default_world.rows("orders"):
        seen[row["order_status"]].add(tuple(bool(row[column]) for column in dates))
    approved, carried, delivered = (True, False, False), (True, True, False), (True, True, True)
    assert seen == {
        "created": {(False, False, False)},
        "approved": {approved},
        "invoiced": {approved},
        "processing": {approved},
        "shipped": {carried},
        "delivered": {delivered},
        "canceled": {(False, False, False), approved},
        "unavailable": {approved},
    }
    assert set(seen) == STATUSES


def test_the_dates_of_an_order_are_in_order_and_before_the_worlds_clock(default_world: World) -> None:
    for row in default_world.rows("orders"):
        steps = [time(row[column]) for column in DATASETS["orders"][3:7] if row[column]]
        assert steps == sorted(steps)
        assert datetime(2017, 1, 1) <= steps[0] < datetime(2019, 1, 1)
        assert steps[-1] < CLOCK
        assert time(row["order_estimated_delivery_date"]) > steps[0]


def test_delivery_takes_and_misses_as_long_as_the_seed_had_it(default_world: World) -> None:
    delivered = [row for row in default_world.rows("orders") if row["order_status"] == "delivered"]
    taken = [
        (
            time(row["order_delivered_customer_date"]).date() - time(row["order_purchase_timestamp"]).date()
        ).days
        for row in delivered
    ]
    assert set(taken) == set(range(5, 31))
    late = [
        row
        for row in delivered
        if row["order_delivered_customer_date"][:10] > row["order_estimated_delivery_date"][:10]
    ]
    assert 0.24 < len(late) / len(delivered) < 0.31


def test_reviews_come_after_the_delivery_and_before_the_worlds_clock(default_world: World) -> None:
    delivered = {
        row["order_id"]: row["order_delivered_customer_date"] for row in default_world.rows("orders")
    }
    for row in default_world.rows("order_reviews"):
        assert delivered[row["order_id"]] < row["review_creation_date"] < row["review_answer_timestamp"]
        assert time(row["review_answer_timestamp"]) < CLOCK
        assert 1 <= int(row["review_score"]) <= 5


def test_some_reviews_hold_quotes_commas_and_line_breaks(default_world: World) -> None:
    messages = [row["review_comment_message"] for row in default_world.rows("order_reviews")]
    assert all(any(mark in message for message in messages) for mark in ('"', ",", "\n", "ç"))
    assert "" in messages
    assert len(set(messages)) > 50


def test_places_are_real_and_known_to_geolocation(default_world: World) -> None:
    known = {
        tuple(row[f"geolocation_{part}"] for part in ("zip_code_prefix", "city", "state"))
        for row in default_world.rows("geolocation")
    }
    for dataset, prefix in (("customers", "customer"), ("sellers", "seller")):
        for row in default_world.rows(dataset):
            assert tuple(row[f"{prefix}_{part}"] for part in ("zip_code_prefix", "city", "state")) in known
    assert len({state for _, _, state in known}) == 27
    assert all(re.fullmatch(r"\d{5}", zip_code) for zip_code, _, _ in known)
    assert any(zip_code.startswith("01") and city == "Sao Paulo" for zip_code, city, _ in known)


def test_a_zip_code_prefix_lies_in_one_city_and_near_its_centre(default_world: World) -> None:
    centres = {(city.name, city.state): (city.latitude, city.longitude) for city in CITIES}
    cities = defaultdict(set)
    for row in default_world.rows("geolocation"):
        place = row["geolocation_city"], row["geolocation_state"]
        cities[row["geolocation_zip_code_prefix"]].add(place)
        latitude, longitude = centres[place]
        # Less than 0.01 degrees are about a kilometre: no point falls into the sea.
        assert abs(float(row["geolocation_lat"]) - latitude) < 0.01
        assert abs(float(row["geolocation_lng"]) - longitude) < 0.01
    assert all(len(places) == 1 for places in cities.values())


def test_phones_have_an_assigned_area_code(default_world: World) -> None:
    for row in default_world.rows("customers"):
        phone = re.fullmatch(r"\+55 \((\d\d)\) 9\d{4}-\d{4}", row["customer_phone"])
        assert phone
        assert int(phone[1]) in AREA_CODES


def test_an_email_is_made_of_its_customers_name(default_world: World) -> None:
    for row in default_world.rows("customers"):
        assert re.fullmatch(r"[a-z]+[._]?[a-z]+\d{0,2}@[a-z.]+", row["customer_email"])
        first = row["customer_name"][0]
        assert not first.isascii() or row["customer_email"].startswith(first.lower())


def test_a_person_may_have_several_customer_ids(default_world: World) -> None:
    persons = by(default_world.rows("customers"), "customer_unique_id")
    repeated = [rows for rows in persons.values() if len(rows) > 1]
    assert len(repeated) > 50
    assert all(len({row["customer_name"] for row in rows}) == 1 for rows in repeated)


def test_the_snapshot_holds_the_raw_records_as_inserts_and_comes_first(default_world: World) -> None:
    for entity in ENTITIES:
        records = default_world.rows(entity)
        events = default_world.events(entity)
        for event, record in zip(events[: len(records)], records, strict=True):
            assert event["operation"] == "INSERT"
            assert event["change_timestamp"] < "2017"
            assert {column: str(event[column]) for column in record} == record
        assert Counter(event["operation"] for event in events[len(records) :]).total() == 150


def test_tiny_worlds_still_have_every_file(world: World) -> None:
    world.run(orders=0, customers=1, products=1, sellers=1, change_batches=0)
    for dataset in DATASETS:
        [path] = (world.raw / dataset).glob("*.csv")
        assert path.read_bytes().startswith(",".join(DATASETS[dataset]).encode() + b"\n")
    assert world.rows("orders") == []


@pytest.mark.parametrize("orders", [1, 2, 3])
def test_a_world_of_few_orders_has_no_column_that_cannot_be_written(world: World, orders: int) -> None:
    for _ in range(3):
        world.run(**small(orders=orders))
    assert len({row["order_id"] for row in world.rows("orders")}) == 3 * orders
