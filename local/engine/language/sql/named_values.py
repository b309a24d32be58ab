"""Puts the pipeline's configuration into SQL: `${name}` is a value as text, within quotes and names as well."""

from collections.abc import Iterator, Mapping

from common.errors import UserError
from local.engine.language.sql.words import words


def with_values(text: str, configuration: Mapping[str, str]) -> str:
    """The text with each `${name}` replaced, but for those in comments. Raises UserError for a name without value."""
    if "${" not in text:
        return text
    parts, done = [], 0
    for start, end in _parameters(text):
        name = text[start + 2 : end - 1].strip()
        if name not in configuration:
            raise UserError(f"${{{name}}} has no value: give {name} in the pipeline's configuration")
        parts += [text[done:start], configuration[name]]
        done = end
    return "".join([*parts, text[done:]])


def _parameters(text: str) -> Iterator[tuple[int, int]]:
    spans = [(word.start, word.end) for word in words(text)]
    start = text.find("${")
    while start >= 0:
        end = text.find("}", start) + 1
        if end and any(first <= start < last for first, last in spans):
            yield start, end
        start = text.find("${", start + 2)
