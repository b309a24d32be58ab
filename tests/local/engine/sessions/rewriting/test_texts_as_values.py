"""Texts as numbers."""

import pytest
from pyspark.sql.connect.proto import Expression
from pyspark.sql.types import StringType

from local.engine.sessions.rewriting.expressions import Given
from local.engine.sessions.rewriting.rules.texts_as_values import OF_TEXT

COMPUTED = ("upper(a)", "a || 'x'", "'1.5'", "f(`a`)")


@pytest.mark.parametrize("text", COMPUTED)
def test_what_is_computed_is_computed_once(text: str) -> None:
    tree = OF_TEXT["decimal", False]("decimal(10,2)", Given(text, StringType()))
    assert str(tree).count(repr(Given(text, StringType()))) == 1


@pytest.mark.parametrize("text", ["a", "t.a", "`a b`.c"])
def test_a_column_may_be_named_several_times(text: str) -> None:
    assert Given(text).is_column
    assert "octet_length" in str(OF_TEXT["decimal", False]("decimal(10,2)", Given(text, StringType())))


def test_a_column_of_a_plan_is_one() -> None:
    column = Expression(unresolved_attribute=Expression.UnresolvedAttribute(unparsed_identifier="a"))
    assert Given(column).is_column
    assert not Given(Expression(literal=Expression.Literal(string="a"))).is_column
