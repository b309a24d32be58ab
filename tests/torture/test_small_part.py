"""A small part of what `make torture` does."""

from pathlib import Path

from tests.torture import cut_logs, full_disk, kills, two_runs


def test_kills_lose_no_row_and_double_none(tmp_path: Path) -> None:
    assert kills.kill(tmp_path, times=2, seed=7).faults == []


def test_a_full_disk_is_told_and_the_next_update_goes_on(tmp_path: Path) -> None:
    assert full_disk.limit(tmp_path, largest=(300, 1600)).faults == []


def test_of_two_updates_at_once_one_is_refused(tmp_path: Path) -> None:
    assert two_runs.race(tmp_path, times=1).faults == []


def test_a_commit_cut_short_is_named_and_what_the_error_says_mends_it(tmp_path: Path) -> None:
    assert cut_logs.cut(tmp_path, seed=7, logs=["warehouse/shop.db/lines"]).faults == []
