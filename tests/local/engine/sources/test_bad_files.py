"""Some of the bad files of `make torture`, in this process."""

from pathlib import Path

from tests.torture.bad_files import deliver, every_kind


def test_they_are_read_rescued_or_named(tmp_path: Path) -> None:
    assert deliver(tmp_path, every_kind()[3::10]).faults == []
