"""What the bench writes down."""

from bench.report import GOALS, as_results, markdown

ROUNDS = [
    {
        "batch": 100.0 * slow,
        "duckdb": 2.5 * slow,
        "full": 10.0 * slow,
        "nothing_new": 0.1 * slow,
        "warm_edit": 0.5 * slow,
        "one_gold_file": 0.6 * slow,
        "one_percent": 2.0 * slow,
    }
    for slow in (1, 3, 2)
]
GROWTH = {
    100_000: {"seconds": 11.0, "peak_mib": 900, "slowest": {"silver.order_items": 1.5}},
    1_000_000: {"seconds": 88.0, "peak_mib": 1300, "slowest": {"silver.order_items": 12.5}},
}


def test_ratios_do_not_depend_on_how_fast_the_machine_is_and_each_has_its_goal() -> None:
    found = as_results(
        rounds=ROUNDS,
        growth=GROWTH,
        commands={"tables": 1.234},
        synth=[2.0],
        generator={10_000: {"rows_per_second": 90_000.4, "peak_mib": 120.6}},
        orders=100_000,
    )
    assert found["ratios"] == {
        "full_vs_batch": 0.1,
        "one_percent_vs_batch": 0.02,
        "warm_edit_vs_batch": 0.005,
        "nothing_new_vs_batch": 0.001,
        "full_vs_duckdb": 4.0,
        "million_vs_hundred_thousand": 8.0,
    }
    assert set(found["ratios"]) == set(GOALS)
    table = markdown(found, {"full_vs_batch": 0.2})
    assert "| full_vs_batch | 0.1 | at most 0.1 | 0.2 |" in table
    assert "1,000,000 orders, a process of its own | 88.0 s, 1,300 MiB resident" in table
    assert "| command tables | 1.23 s | at most 1.5 s |" in table
