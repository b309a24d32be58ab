"""Which files are found below a path, and which of them are new."""

import os
from pathlib import Path

import pytest

from common.errors import UserError
from local.engine.sources.files import FileState, base_folder, find_files, new_files, partition_values


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.csv", "a.csv", "deep/c.json", "dt=2024-01-01/d.csv", "_temporary/x.csv", ".hidden.csv",
                 "_marker", "odd [1] 100%25.csv", "years/2024/orders_1.csv", "years/2024/notes.csv"):  # fmt: skip
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("id\n1\n", encoding="utf-8")
    return tmp_path


def names(folder: Path, path: str = "", **options: str) -> list[str]:
    return [str(Path(state.path).relative_to(folder)) for state in find_files(str(folder / path), options)]


def test_files_are_found_at_any_depth_but_for_hidden_ones(folder: Path) -> None:
    assert names(folder) == [
        "a.csv", "b.csv", "deep/c.json", "dt=2024-01-01/d.csv", "odd [1] 100%25.csv", "years/2024/notes.csv",
        "years/2024/orders_1.csv",
    ]  # fmt: skip


def test_a_name_is_chosen_by_a_filter(folder: Path) -> None:
    assert names(folder, pathGlobFilter="[a-c].{csv,json}") == ["a.csv", "b.csv", "deep/c.json"]


def test_without_recursion_only_folders_of_partitions_are_entered(folder: Path) -> None:
    assert names(folder, recursiveFileLookup="false", pathGlobFilter="?.*") == [
        "a.csv",
        "b.csv",
        "dt=2024-01-01/d.csv",
    ]


@pytest.mark.parametrize(
    "path", ["years/*/orders_*.csv", "years/20[0-9][^0]/orders_?.csv", "{years,x}/2024/o*"]
)
def test_a_glob_chooses_folders_and_files(folder: Path, path: str) -> None:
    assert names(folder, path) == ["years/2024/orders_1.csv"]
    assert base_folder(str(folder / path)) in (folder, folder / "years")


def test_a_path_may_name_one_file(folder: Path) -> None:
    assert names(folder, "odd [1] 100%25.csv") == ["odd [1] 100%25.csv"]


def test_a_folder_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere is not there: deliver the files"):
        find_files(str(folder / "nowhere"), {})


def test_a_file_is_known_by_its_path_whatever_its_date(folder: Path) -> None:
    known = find_files(str(folder), {})
    os.utime(folder / "a.csv", (1, 1))
    (folder / "old.csv").write_text("id\n2\n", encoding="utf-8")
    os.utime(folder / "old.csv", (1, 1))
    found = find_files(str(folder), {})
    assert [Path(state.path).name for state in new_files(found, known, {})] == ["old.csv"]
    again = new_files(found, known, {"cloudFiles.allowOverwrites": "true"})
    assert [Path(state.path).name for state in again] == ["a.csv", "old.csv"]


def test_a_file_tells_its_size_and_time(folder: Path) -> None:
    os.utime(folder / "a.csv", ns=(5, 7_000_000_001))
    assert find_files(str(folder / "a.csv"), {}) == [FileState(str(folder / "a.csv"), 5, 7_000_000_001)]


def test_folders_give_values_below_the_base_only() -> None:
    file = "/in/x=1/dt=2024-01-01/place=S%C3%A3o%20Paulo/none=__HIVE_DEFAULT_PARTITION__/k=v.csv"
    found = partition_values(file, Path("/in/x=1"))
    assert found == {"dt": "2024-01-01", "place": "São Paulo", "none": None}
