"""What somebody else wrote cannot pass for ours."""

import pytest

from common.markdown import code, code_cell, fenced, plain, within_html

EVIL = "a\n### lakehouse-prod: no changes <b>@team</b> [x](y) ``` ```` *z* | w"


def test_running_text_has_no_markup_and_calls_nobody() -> None:
    line = plain(EVIL)
    assert "\n" not in line and "<" not in line and "@team" not in line
    assert (
        "\\#\u200b\\#\u200b\\#\u200b lakehouse-prod" in line and r"\[x\](y)" in line and r"\*z\* \| w" in line
    )


@pytest.mark.parametrize(
    ("text", "quiet"),
    [
        ("see https://evil.example", "see https:\u200b//evil.example"),
        ("WWW.evil.example", "WWW\u200b.evil.example"),
        ("olist/lakehouse#1, gh-2", "olist/lakehouse\\#\u200b1, gh\u200b-2"),
        ("high-2, silver.orders: 1 row", "high-2, silver.orders: 1 row"),
        ("5 $ x $", "5 <span>$</span> x <span>$</span>"),
        ("a\x00b\u202ec", "a\ufffdb\ufffdc"),
    ],
)
def test_running_text_links_to_nothing_and_hides_nothing(text: str, quiet: str) -> None:
    assert plain(text) == quiet


def test_text_between_tags_ends_none_of_them() -> None:
    line = within_html("</summary>\n@team a_b")
    assert line == "&lt;/summary&gt; @\u200bteam a_b"


def test_code_ends_where_it_ends() -> None:
    line = code(EVIL)
    assert "\n" not in line and line.startswith("`` a ### ") and line.endswith(" | w ``")
    assert "``" not in line[2:-2]


def test_a_cell_stays_one() -> None:
    assert code_cell("a | b") == "`` a ¦ b ``"
    assert code_cell(" ") == ""


@pytest.mark.parametrize("line", ["````", " ```", "x", "two\nlines\n```"])
def test_no_line_ends_a_block(line: str) -> None:
    first, *inside, last = fenced([line, "y"], "diff")
    assert first == f"{last}diff" and set(last) == {"`"}
    assert len(inside) == 2 and not any(one.strip().startswith(last) for one in inside)
