"""Names and values as SQL has them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import sqlglot

from common.sql_text import literal, quoted


def test_values_are_written_as_sql_has_them() -> None:
    assert literal(None) == "null"
    assert literal(True) == "True"
    assert literal(Decimal("1.50")) == "1.50"
    assert literal(0.1 + 0.2) == "0.30000000000000004D"
    assert literal(float("nan")) == "double('nan')"
    assert literal(date(2018, 5, 1)) == "date'2018-05-01'"
    assert literal(datetime(2018, 5, 1, 12, tzinfo=UTC)) == "timestamp'2018-05-01 12:00:00+00:00'"


def test_no_sign_of_a_text_or_name_ends_it() -> None:
    for text in ("it's", "\\", "\\'", "a\nb", "--", "`", "a``b"):
        assert sqlglot.parse_one(literal(text), read="databricks").this == text
        assert sqlglot.parse_one(quoted(text), read="databricks").name == text
