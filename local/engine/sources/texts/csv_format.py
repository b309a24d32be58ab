"""How a CSV file is written, and one record of it as Spark reads it."""

import re
from dataclasses import dataclass
from functools import cached_property

from common.errors import UserError
from local.engine.sources.options import Options


@dataclass(frozen=True)
class CsvFormat:
    """The characters of the format and what stands for null, with Spark's defaults."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = "\\"
    header: bool = True
    multiline: bool = False
    comment: str = ""
    null_value: str = ""
    empty_value: str = ""
    trim_left: bool = False
    trim_right: bool = False
    skip_rows: int = 0

    @classmethod
    def of(cls, options: Options, header: bool) -> "CsvFormat":
        """The format that a reader's options ask for; `header` holds where they do not say."""
        delimiter = options.text("sep", options.text("delimiter", ","))
        return cls(
            delimiter=delimiter.replace("\\t", "\t") or ",",
            quote=_character(options, "quote", '"'),
            # Without an escape no character is one; NUL stands in no text.
            escape=_character(options, "escape", "\\") or "\0",
            header=options.flag("header", header),
            multiline=options.flag("multiline", False),
            comment=_character(options, "comment", ""),
            null_value=options.text("nullvalue"),
            empty_value=options.text("emptyvalue"),
            trim_left=options.flag("ignoreleadingwhitespace", False),
            trim_right=options.flag("ignoretrailingwhitespace", False),
            skip_rows=int(options.text("skiprows", "0")),
        )

    def fields(self, record: str) -> tuple[list[str | None], bool]:
        """The values of a record, and whether its last quote is open.

        A quote within quotes that is not escaped makes the value what stands there up to the next delimiter.
        """
        values: list[str | None] = []
        position, opened = 0, False
        while True:
            value, position, opened = self._field(record, position)
            values.append(value)
            if not record.startswith(self.delimiter, position):
                return values, opened
            position += len(self.delimiter)

    def is_passed_over(self, line: str) -> bool:
        """Whether a line holds no record: a blank one, or a comment."""
        return not line.strip() or (self.comment != "" and line.startswith(self.comment))

    def _field(self, record: str, start: int) -> tuple[str | None, int, bool]:
        if self.trim_left:
            while (
                start < len(record) and record[start] <= " " and not record.startswith(self.delimiter, start)
            ):
                start += 1
        if not self.quote or not record.startswith(self.quote, start):
            end = self._end(record, start)
            value = record[start:end]
            return self._value(value.rstrip() if self.trim_right else value, quoted=False), end, False
        closed = self._quoted.match(record, start)
        if closed:
            return self._value(self._unescaped(closed[1]), quoted=True), closed.end(), False
        inside = self._inside.match(record, start + 1)
        stray = inside.end() if inside else start + 1
        content = self._unescaped(record[start + 1 : stray])
        if stray >= len(record):
            return self._value(content or self.quote, quoted=True), len(record), True
        end = self._end(record, stray)
        return self._value(self.quote + content + record[stray:end], quoted=False), end, False

    def _end(self, record: str, start: int) -> int:
        end = record.find(self.delimiter, start)
        return len(record) if end < 0 else end

    def _value(self, text: str, quoted: bool) -> str | None:
        if not text:
            text = self.empty_value if quoted else ""
            if not quoted:
                return None
        return None if text == self.null_value else text

    def _unescaped(self, text: str) -> str:
        return self._escapes.sub(lambda found: found[0][-1], text) if self.escape in text else text

    @cached_property
    def _escapes(self) -> re.Pattern[str]:
        quote, escape = re.escape(self.quote), re.escape(self.escape)
        if self.escape == self.quote:
            return re.compile(quote + quote)
        return re.compile(f"{escape}{quote}|{escape}{escape}")

    @cached_property
    def _body(self) -> str:
        quote, escape = re.escape(self.quote), re.escape(self.escape)
        if self.escape == self.quote:
            return f"(?:[^{quote}]|{quote}{quote})*+"
        # Of several quotes in a row the last may close the value; the others belong to it.
        return f"(?:[^{quote}{escape}]|{escape}{quote}|{escape}{escape}|{escape}|{quote}(?={quote}))*+"

    @cached_property
    def _inside(self) -> re.Pattern[str]:
        return re.compile(self._body, re.DOTALL)

    @cached_property
    def _quoted(self) -> re.Pattern[str]:
        quote, end = re.escape(self.quote), re.escape(self.delimiter)
        return re.compile(rf"{quote}({self._body}){quote}[ \t]*(?={end}|\Z)", re.DOTALL)


def safe_names(header: list[str | None]) -> list[str]:
    """The names of a header's columns: one without a name is called by its place, and so are equal ones."""
    lower = [name.lower() for name in header if name]

    def safe(place: int, name: str | None) -> str:
        if not name:
            return f"_c{place}"
        return f"{name}{place}" if lower.count(name.lower()) > 1 else name

    return [safe(place, name) for place, name in enumerate(header)]


def _character(options: Options, name: str, default: str) -> str:
    value = options.text(name, default)
    if len(value) > 1:
        raise UserError(f"the option {name} = {value} must be one character")
    return value
