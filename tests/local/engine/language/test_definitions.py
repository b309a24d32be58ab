"""What names mean, and what does not fit together."""

from pathlib import Path

import pytest

from common.errors import UserError
from local.engine.language.definitions import Definitions
from local.engine.language.model import Dataset, Flow, Kind, Place

PLACE = Place(Path("/p/a.py"), 3)


def definitions() -> Definitions:
    return Definitions(Path("/p"), "Main", "Shop")


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("orders", "shop.orders"),
        ("Orders", "shop.orders"),
        ("LIVE.orders", "shop.orders"),
        ("live.`Orders`", "shop.orders"),
        ("other.orders", "other.orders"),
        ("main.shop.orders", "shop.orders"),
        ("MAIN.`Other`.orders", "other.orders"),
        ("lake.shop.orders", "lake.shop.orders"),
        ("`my-lake`.shop.`or``ders`", "my-lake.shop.or`ders"),
        (" orders ", "shop.orders"),
    ],
)
def test_a_tables_name_in_full(name: str, full: str) -> None:
    assert definitions().full_name(name) == full


@pytest.mark.parametrize(
    "name", ["", "a.", ".a", "a..b", "a.b.c.d", "`a", "`a.b`", "`../b`", "a b", "`a/b`", "`\n`"]
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UserError):
        definitions().full_name(name)


def test_a_view_is_found_by_its_own_name_in_any_case_and_a_table_in_full() -> None:
    found = definitions()
    found.add_dataset(Dataset("Seen", Kind.TEMPORARY_VIEW, PLACE))
    found.add_dataset(Dataset("kept", Kind.TABLE, PLACE))
    assert [found.resolve(name) for name in ("SEEN", "LIVE.seen", "shop.seen", "kept", "nowhere")] == [
        "seen",
        "seen",
        "shop.seen",
        "shop.kept",
        "shop.nowhere",
    ]


@pytest.mark.parametrize(("one", "two"), [("t", "T"), ("t", "main.shop.t"), ("shop.t", "live.t")])
def test_one_name_is_defined_once(one: str, two: str) -> None:
    found = definitions()
    found.add_dataset(Dataset(one, Kind.TABLE, PLACE))
    with pytest.raises(UserError, match=r"is defined twice: a\.py:3 and a\.py:3"):
        found.add_dataset(Dataset(two, Kind.TABLE, PLACE))
    with pytest.raises(UserError, match="is defined twice"):
        found.add_dataset(Dataset("t", Kind.TEMPORARY_VIEW, PLACE))


def test_a_flows_target_may_be_defined_after_it_and_nothing_after_settle() -> None:
    found = definitions()
    found.add_flow(Flow("f", "out", lambda: None, PLACE))  # pyright: ignore[reportArgumentType]
    found.add_dataset(Dataset("OUT", Kind.SINK, PLACE, sink_format="delta"))
    found.settle()
    assert [(flow.name, flow.target) for flow in found.flows] == [("f", "out")]
    assert found.files == {"out": {PLACE.file}}
    with pytest.raises(UserError, match="define it at the top of a file"):
        found.add_dataset(Dataset("late", Kind.TABLE, PLACE))
