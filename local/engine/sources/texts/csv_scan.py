"""Whether the quick parser reads a CSV file as Spark does: one look at its quotes, lines and bytes."""

import codecs
from pathlib import Path

import numpy as np

from local.engine.sources.texts.csv_format import CsvFormat

# The quick parser reads some forty blocks ahead, and a record must fit into one. 1 MiB
BLOCK = 1 << 20
CHUNK = BLOCK // 2
LINE_ENDS = (10, 13)


def is_plain(file: Path, start: int, layout: CsvFormat) -> bool:
    """Whether each quote from byte `start` on opens or closes a value or is doubled within one, and all is UTF-8.

    Then the quick parser is right. Escapes by another character, comments, blank ends and line breaks within quotes
    that the format does not allow are left to the careful one, and so are values that are longer than a block.
    """
    if len(layout.delimiter.encode()) > 1 or len(layout.quote.encode()) != 1 or layout.comment:
        return False
    if layout.trim_left or layout.trim_right:
        return False
    quotes = _Quotes(layout)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with file.open("rb") as content:
            content.seek(start)
            while chunk := content.read(CHUNK):
                decoder.decode(chunk)
                if not quotes.agree(chunk):
                    return False
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return not quotes.opened


class _Quotes:
    """The quotes of a file, chunk after chunk: every other one opens a value, the next closes it."""

    def __init__(self, layout: CsvFormat) -> None:
        self.opened = False
        self._layout = layout
        self._quote = ord(layout.quote)
        self._before = LINE_ENDS[0]
        self._closed_at_end = False
        self._ends = np.zeros(256, bool)
        self._ends[[ord(layout.delimiter), *LINE_ENDS, self._quote]] = True

    def agree(self, chunk: bytes) -> bool:
        layout = self._layout
        too_long = len(chunk) == CHUNK and (
            b"\n" not in chunk or (self.opened and layout.quote.encode() not in chunk)
        )
        if (
            too_long
            or b"\x00" in chunk
            or (layout.escape != layout.quote and layout.escape.encode() in chunk)
        ):
            return False
        if not (self.opened or self._closed_at_end) and layout.quote.encode() not in chunk:
            self._before = chunk[-1]
            return True
        data = np.frombuffer(chunk, np.uint8)
        at = np.flatnonzero(data == self._quote)
        first_opens = 1 if self.opened else 0
        # A value's end at the very end of a chunk is judged by the byte that follows.
        if self._closed_at_end and not self._ends[data[0]]:
            return False
        # A byte before the first and one after the last, so that each quote has neighbours.
        padded = np.frombuffer(bytes([self._before]) + chunk + bytes(LINE_ENDS[:1]), np.uint8)
        opening, closing = at[first_opens::2], at[1 - first_opens :: 2]
        fine = bool(self._ends[padded[opening]].all() and self._ends[padded[closing + 2]].all())
        fine = fine and self._no_break_within(data, at) and self._no_doubling(padded, opening)
        self._closed_at_end = len(closing) > 0 and closing[-1] == len(data) - 1
        self._before = int(data[-1])
        self.opened = self.opened ^ (len(at) % 2 == 1)
        return fine

    def _no_break_within(self, data: np.ndarray, at: np.ndarray) -> bool:
        """Without multiLine a line's end ends its record."""
        if self._layout.multiline or not (len(at) or self.opened):
            return True
        ends = np.flatnonzero((data == LINE_ENDS[0]) | (data == LINE_ENDS[1]))
        inside = (np.searchsorted(at, ends) + self.opened) % 2 == 1
        return not inside.any()

    def _no_doubling(self, padded: np.ndarray, opening: np.ndarray) -> bool:
        """A doubled quote is one quote only where the quote is its own escape."""
        return self._layout.escape == self._layout.quote or not (padded[opening] == self._quote).any()
