"""An edit is noticed, whether a file is new, changed or gone."""

from pathlib import Path

from lakehouse.dev.watching import Watch
from local.engine.language.spec import PipelineSpec


def test_new_changed_and_gone_files_are_seen_once(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "datasets").mkdir()
    helper, one = tmp_path / "shared/helper.py", tmp_path / "datasets/one.py"
    helper.write_text("X = 1\n")
    one.write_text("from shared.helper import X\n")
    watch = Watch([PipelineSpec("theirs", tmp_path, ["datasets/**"])])
    assert watch.edited() == []
    helper.write_text("X = 22\n")
    assert watch.edited() == [helper]
    two = tmp_path / "datasets/two.sql"
    two.write_text("-- nothing\n")
    (tmp_path / "datasets/notes.txt").write_text("no code\n")
    one.unlink()
    assert watch.edited() == [one, two, helper]
    watch.look()
    assert watch.edited() == []
