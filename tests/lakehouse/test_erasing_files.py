"""Files without a person's records: every other byte, and the time, as before."""

import os
from pathlib import Path

from lakehouse.erasing.files import rewrite_files
from pipelines.erasing.person import digest

ORDER, OTHER = "c" * 32, "d" * 32
REVIEWS = (
    b"review_id,order_id,review_score,review_comment_message\r\n"
    b'1,%(other)s,5,"said ""no"",\r\ntwice"\r\n'
    b'2,%(order)s,1,"bad,\r\nvery bad"\r\n'
    b"3,%(other)s,4,as in %(order)s\r\n"
    b"4, %(upper)s ,2\r\n"
    b"\r\n"
    b"5,%(other)s,3,caf\xe9"
)
NAMES = {b"other": OTHER.encode(), b"order": ORDER.encode(), b"upper": ORDER.upper().encode()}


def test_records_go_whole_and_all_else_stays(tmp_path: Path) -> None:
    reviews, products = tmp_path / "reviews.csv", tmp_path / "products.csv"
    reviews.write_bytes(REVIEWS % NAMES)
    products.write_bytes(b"product_id\n1\n")
    events = tmp_path / "_hidden" / "events.jsonl"
    events.parent.mkdir()
    events.write_text(f'{{"customer_id": "{ORDER}"}}\nbroken {ORDER}\n{{"customer_id": "{OTHER}"}}\n')
    for path in (reviews, events, products):
        os.utime(path, ns=(1, 1_700_000_000_000_000_001))
    inode = products.stat().st_ino
    found = {one.path.name: one.records for one in rewrite_files(tmp_path, [digest(ORDER)])}
    assert found == {"reviews.csv": 2, "events.jsonl": 2}
    lines = (REVIEWS % NAMES).splitlines(keepends=True)
    # The text of a whole row is somebody else's: only a row with too few or too many fields is looked through.
    assert reviews.read_bytes() == b"".join([*lines[:3], lines[5], *lines[7:]])
    assert events.read_text() == f'{{"customer_id": "{OTHER}"}}\n'
    assert {p.stat().st_mtime_ns for p in (reviews, events, products)} == {1_700_000_000_000_000_001}
    assert products.stat().st_ino == inode
    assert sorted(path.name for path in tmp_path.iterdir()) == ["_hidden", "products.csv", "reviews.csv"]
    assert list(rewrite_files(tmp_path, [digest(ORDER)])) == []


def test_a_quote_that_is_never_closed_stops_nothing(tmp_path: Path) -> None:
    reviews = tmp_path / "reviews.csv"
    header, broken = "review_id,order_id,review_comment_message\n", f'2,{OTHER},"' + "never closed\n" * 20_000
    reviews.write_text(f"{header}1,{ORDER},bad\n{broken}")
    assert [one.records for one in rewrite_files(tmp_path, [digest(ORDER)])] == [1]
    assert reviews.read_text() == header + broken


def test_what_is_named_like_a_file_and_is_none_is_passed_over(tmp_path: Path) -> None:
    within = tmp_path / "folder.csv" / "reviews.csv"
    within.parent.mkdir()
    within.write_bytes(REVIEWS % NAMES)
    (tmp_path / "nowhere.jsonl").symlink_to(tmp_path / "gone")
    assert [one.path for one in rewrite_files(tmp_path, [digest(ORDER)])] == [within]
