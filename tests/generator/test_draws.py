import itertools
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from generator.draws import Draws, row_numbers

seeds = st.integers(0, 2**63 - 1)
names = st.text(min_size=1, max_size=12)


@given(seeds, names, names, st.lists(st.integers(0, 2**40), min_size=1, max_size=30), st.randoms())
def test_a_value_depends_on_its_row_and_not_on_the_rows_around_it(
    seed: int, table: str, column: str, rows: list[int], shuffler: Random
) -> None:
    draws = Draws(seed, table)
    together = draws.bits(column, np.array(rows, dtype=np.uint64))
    order = list(range(len(rows)))
    shuffler.shuffle(order)
    alone = {place: draws.bits(column, np.array([rows[place]], dtype=np.uint64))[0] for place in order}
    assert [alone[place] for place in range(len(rows))] == together.tolist()


def test_the_values_are_the_same_on_every_machine() -> None:
    draws = Draws(42, "orders")
    assert draws.ids(row_numbers(0, 2)).to_pylist() == [
        "8f17e754b47ff77919b51b1a0ca88db2",
        "801a6b5c6ac09b4ee57d9df957e153f0",
    ]
    assert draws.below("purchase day", row_numbers(7, 5), 730).tolist() == [368, 669, 342, 485, 173]


@given(seeds, st.integers(1, 2**31), st.integers(0, 2**40))
def test_below_stays_below(seed: int, limit: int, first: int) -> None:
    drawn = Draws(seed, "t").below("c", row_numbers(first, 50), limit)
    assert drawn.min() >= 0
    assert drawn.max() < limit


def test_below_is_even() -> None:
    counts = np.bincount(Draws(1, "t").below("c", row_numbers(0, 100_000), 10), minlength=10)
    # Six standard deviations of a fair draw.
    assert abs(counts - 10_000).max() < 6 * np.sqrt(10_000 * 0.9)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_weighted_draws_every_position_about_as_often_as_its_weight(weights: list[int]) -> None:
    drawn = Draws(3, "t").weighted("c", row_numbers(0, 20_000), tuple(weights))
    shares = np.bincount(drawn, minlength=len(weights)) / 20_000
    assert shares.size == len(weights)
    assert np.abs(shares - np.array(weights) / sum(weights)).max() < 0.03


@given(seeds, st.integers(3, 60_000), st.integers(0, 2**40))
def test_each_version_differs_from_the_one_before(seed: int, size: int, row: int) -> None:
    draws, rows = Draws(seed, "t"), np.array([row], dtype=np.uint64)
    versions = [int(draws.varied("c", rows, size, np.array([version]))[0]) for version in range(20)]
    assert all(0 <= value < size for value in versions)
    assert all(before != after for before, after in itertools.pairwise(versions))


def test_ids_are_32_hex_digits_and_never_repeat() -> None:
    ids = Draws(42, "customers").ids(row_numbers(0, 50_000)).to_pylist()
    assert len(set(ids)) == 50_000
    assert all(len(value) == 32 and set(value) <= set("0123456789abcdef") for value in ids)


def test_seed_table_and_column_each_tell_values_apart() -> None:
    rows = row_numbers(0, 1000)
    drawn = [
        Draws(seed, table).bits(column, rows)
        for seed, table, column in [(1, "a", "c"), (2, "a", "c"), (1, "b", "c"), (1, "a", "d")]
    ]
    assert np.unique(np.concatenate(drawn)).size == 4000
