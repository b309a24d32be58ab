"""A full disk is said as what to do."""

from pathlib import Path

import pytest

from common.disk import DiskFull, told_when_full


@pytest.mark.parametrize(
    "words", ["[Errno 28] No space left on device", "Disk quota exceeded (os error 122)"]
)
def test_want_of_room_names_the_folder_whoever_says_it(tmp_path: Path, words: str) -> None:
    with pytest.raises(DiskFull, match=rf"{tmp_path} has [\d.]+ MB free"), told_when_full(tmp_path):
        raise RuntimeError(words)


def test_any_other_error_stays_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Permission denied"), told_when_full(tmp_path):
        raise OSError("Permission denied")
