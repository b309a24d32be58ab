"""Which folder a home is, and how paths in it are remembered."""

from pathlib import Path

import pytest

from common.errors import UserError
from common.home import Home


def test_a_home_is_the_named_folder_else_the_variables_else_the_current_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LAKEHOUSE_HOME", raising=False)
    assert Home.find().path == tmp_path / ".lakehouse"
    monkeypatch.setenv("LAKEHOUSE_HOME", "elsewhere")
    assert Home.find().path == tmp_path / "elsewhere"
    assert Home.find(Path("here")).path == tmp_path / "here"


@pytest.mark.parametrize("name", ["with blank", "50%", "it's", "[a]"])
def test_a_path_that_spark_cannot_hold_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="name another folder with --home"):
        Home.find(tmp_path / name)


def test_a_file_is_no_home(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UserError, match="is a file"):
        Home.find(file)


def test_a_path_in_a_home_is_found_where_the_home_was_moved_to(tmp_path: Path) -> None:
    before, after = Home(tmp_path / "before"), Home(tmp_path / "after")
    assert after.found(before.kept(str(before.raw / "orders"))) == str(after.raw / "orders")
    assert after.found(before.kept("/data/orders")) == "/data/orders"
