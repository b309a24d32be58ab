"""Taking the real files: checked first, never changed."""

import shutil
from pathlib import Path

import pytest

from common.errors import UserError
from common.home import Home
from generator.engine import generate
from generator.spec import Settings
from lakehouse.olist import FILES, load_files

SAMPLE = Path(__file__).parents[1] / "data" / "olist"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "olist"))


def test_each_file_stands_in_its_dataset_folder_and_again_changes_nothing(
    files: Path, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    taken = load_files(files, home)
    assert [file.relative_to(home.raw).as_posix() for file in taken] == [
        f"{d}/{name}" for d, name in FILES.items()
    ]
    assert all(file.read_bytes() == (SAMPLE / file.name).read_bytes() for file in taken)
    times = [file.stat().st_mtime_ns for file in taken]
    assert [file.stat().st_mtime_ns for file in load_files(files, home)] == times


def test_a_generated_world_is_not_mixed_with_the_real_files(files: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    generate(Settings(20, 20, 10, 5, 1, 0.0, 7), home.raw, home.cdc)
    before = sorted(home.path.rglob("*"))
    with pytest.raises(UserError, match=r"holds a generated world.*name another folder with --home"):
        load_files(files, home)
    assert sorted(home.path.rglob("*")) == before


def test_a_missing_file_is_named(files: Path, tmp_path: Path) -> None:
    (files / FILES["orders"]).unlink()
    with pytest.raises(UserError, match=r"olist_orders_dataset\.csv"):
        load_files(files, Home(tmp_path / "home"))


def test_a_header_that_does_not_fit_is_named_and_nothing_is_written(files: Path, tmp_path: Path) -> None:
    (files / FILES["sellers"]).write_text("seller_id,zip\n1,2\n")
    home = Home(tmp_path / "home")
    with pytest.raises(UserError, match="header lacks seller_zip_code_prefix"):
        load_files(files, home)
    assert not home.raw.exists()


def test_other_content_under_a_taken_name_is_refused(files: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    load_files(files, home)
    changed = files / FILES["sellers"]
    text = changed.read_text()
    changed.unlink()
    changed.write_text(text + text.splitlines()[1] + "\n")
    with pytest.raises(UserError, match="a raw file is never rewritten"):
        load_files(files, home)
