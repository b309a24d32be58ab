"""JSON files that are wrong, or look so. The pipeline reads id, name and amount."""

import gzip
from collections.abc import Iterator

from tests.torture.corpus.kind import Kind, of_bytes, of_text, tokens_of

GOOD = '{"id": "r-1", "name": "one", "amount": 1}\n{"id": "r-2", "name": "two", "amount": 2}\n'
ARRAY = '[{"id": "r-1"}, {"id": "r-2"}]'

TEXTS = {
    "good": GOOD,
    "byte order mark": "\ufeff" + GOOD,
    "blank lines": "\n\n" + GOOD.replace("\n", "\n \n"),
    "only blanks": " \n \n",
    "an array in a line": ARRAY,
    "records over several lines": '{\n  "id": "r-1",\n  "name": "one"\n}\n',
    "the last record is cut": GOOD[:-20],
    "a record amidst is cut": '{"id": "r-1", "na\n' + GOOD.replace("r-1", "r-3"),
    "a comma too many": GOOD.replace("1}", "1,}"),
    "single quotes": GOOD.replace('"', "'"),
    "no quotes around names": GOOD.replace('"id"', "id"),
    "no number": GOOD.replace("1}", "NaN}").replace("2}", "-Infinity}"),
    "a name twice": GOOD.replace('"name": "one"', '"name": "uno", "name": "one"'),
    "nested ten thousand deep": '{"id": "r-3", "name": ' + "[" * 10_000 + "]" * 10_000 + "}\n" + GOOD,
    "open ten thousand deep": '{"id": "r-3", "name": ' + '{"a":' * 10_000 + "\n" + GOOD,
    "a huge text": GOOD.replace("one", "x" * 5_000_000),
    "a number of 5,000 digits": GOOD.replace("1}", "9" * 5000 + "}"),
    "a number beyond all": GOOD.replace("1}", "1e400}"),
    "a number that does not fit": GOOD.replace("1}", "99999999999999}"),
    "text for a number": GOOD.replace("1}", '"many"}'),
    "a fraction for a whole number": GOOD.replace("1}", "1.5}"),
    "an object for a text": GOOD.replace('"one"', '{"r-7": 1}'),
    "an array for a number": GOOD.replace("1}", "[1, 2]}"),
    "records that are none": 'null\n1\n"r-3"\ntrue\n' + GOOD,
    "fields that nobody knows": GOOD.replace('"name"', '"more"'),
    "names in other case": GOOD.replace('"name"', '"NAME"'),
    "an empty name": GOOD.replace('"name"', '""'),
    "names with dots": GOOD.replace('"name"', '"na.me"'),
    "a wrong escape": GOOD.replace("one", "o\\xne"),
    "half of a pair": GOOD.replace("one", "o\\ud800ne"),
    "a raw tab in a text": GOOD.replace("one", "o\tne"),
    "a raw NUL in a text": GOOD.replace("one", "o\0ne"),
    "NULs at the end": GOOD + "\0" * 4096,
    "two records in a line": GOOD.replace("}\n{", "} {"),
    "records without anything between": GOOD.replace("}\n{", "}{"),
    "comments": "// r-8\n" + GOOD + "/* r-9 */\n",
    "CR LF": GOOD.replace("\n", "\r\n"),
    "line ends of Unicode": GOOD.replace("one", "o\u2028n\x85e"),
    "an HTML page": "<html>r-1</html>\n",
    "CSV": "id,name\nr-1,one\n",
}  # fmt: skip
OVER_LINES = {
    "an array over lines, with multiLine": ARRAY.replace(", ", ",\n"),
    "an array cut short, with multiLine": ARRAY[:-4],
    "two arrays, with multiLine": ARRAY + "\n" + ARRAY.replace("r-", "r-1"),
    "lines, with multiLine": GOOD,
    "nothing in the array, with multiLine": "[]",
}


def kinds() -> Iterator[Kind]:
    """All of them."""
    for name, text in TEXTS.items():
        yield of_text(name, "json", text)
    for name, text in OVER_LINES.items():
        yield of_text(name, "json", text, multiLine="true")
    yield of_text("UTF-16", "json", GOOD, encoding="utf-16")
    yield of_text("Latin-1", "json", GOOD.replace("one", "dö"), encoding="latin-1")
    yield of_bytes("nothing", "json", b"", ())
    yield of_bytes(
        "gzip cut short", "json", gzip.compress(GOOD.encode())[:-12], tokens_of(GOOD), "bad.json.gz"
    )
