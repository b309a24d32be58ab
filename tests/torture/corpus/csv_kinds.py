"""CSV files that are wrong, or look so. The pipeline reads id, name and amount, with a header."""

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Iterator

import pyarrow as pa
from pyarrow import parquet

from tests.torture.corpus.kind import Kind, of_bytes, of_text, tokens_of

HEADER = "id,name,amount\n"
GOOD = f"{HEADER}r-1,one,1\nr-2,two,2\nr-3,three,3\n"
TOKENS = tokens_of(GOOD)

TEXTS = {
    "good": GOOD,
    "byte order mark": "\ufeff" + GOOD,
    "a NUL amidst a value": GOOD.replace("two", "t\0wo"),
    "a NUL amidst a value far down": f"{GOOD}{chr(10) * 5000}r-8,a\0b,1\n",
    "NULs at the end": GOOD + "\0" * 4096,
    "only a line's end": "\n",
    "only blanks": "   \n  \n",
    "header only": HEADER,
    "header without a line's end": HEADER.rstrip(),
    "no header": GOOD.removeprefix(HEADER),
    "duplicate header": GOOD.replace("amount", "name", 1),
    "header in other case": GOOD.replace("id,name", "ID,Name", 1),
    "header with blanks": GOOD.replace("id,name", " id , name", 1),
    "header in another order": "amount,id,name\n1,r-1,one\n2,r-2,two\n",
    "header repeated": GOOD + GOOD.replace("r-", "r-1"),
    "an empty column name": GOOD.replace("name", "", 1),
    "column names of our own": GOOD.replace("name", "_rescued_data", 1),
    "a column called _metadata": GOOD.replace("name", "_metadata", 1),
    "a column name with dots and ticks": GOOD.replace("name", "a.`b`.'c'", 1),
    "a column is missing": "id,name\nr-1,one\nr-2,two\n",
    "a column too many": "id,name,amount,more\nr-1,one,1,x\nr-2,two,2,y\n",
    "a short record": GOOD.replace("r-2,two,2", "r-2"),
    "a long record": GOOD.replace("r-2,two,2", "r-2,two,2,3,4,5"),
    "every record is long": f"{HEADER}r-1,a,1,1\nr-2,b,2,2\n",
    "every record is short": f"{HEADER}r-1\nr-2\n",
    "an open quote at the end": GOOD.replace("three", '"three'),
    "an open quote amidst": GOOD.replace("one", '"one'),
    "a stray quote": GOOD.replace("one", 'o"n"e'),
    "a quote after a quote": GOOD.replace("one", '"o"n"e"'),
    "quotes escaped by a backslash": GOOD.replace("one", '"o\\"n\\"e"'),
    "quotes doubled": GOOD.replace("one", '"o""n""e"'),
    "line ends in quotes": GOOD.replace("one", '"o\nn\ne"'),
    "CR LF": GOOD.replace("\n", "\r\n"),
    "CR": GOOD.replace("\n", "\r"),
    "mixed line ends": f"{HEADER}r-1,one,1\r\nr-2,two,2\rr-3,three,3\n",
    "semicolons": GOOD.replace(",", ";"),
    "tabs": GOOD.replace(",", "\t"),
    "Excel's first line": "sep=,\n" + GOOD,
    "a huge field": GOOD.replace("two", "x" * 5_000_000),
    "a huge quoted field": GOOD.replace("two", '"' + "x,\n" * 100_000 + '"'),
    "thousands of columns": "id," + ",".join(f"c{n}" for n in range(5000)) + "\nr-1" + ",x" * 5000 + "\n",
    "one line of two million characters": HEADER + "r-1," + "a" * 2_000_000,
    "no line's end at the end": GOOD.rstrip(),
    "cut amidst a record": GOOD[:-7],
    "line ends of Unicode": GOOD.replace("two", "t\u2028w\x0b\x0co\x85"),
    "control characters": GOOD.replace("two", "t\x01w\x1b[31mo"),
    "letters of all kinds": GOOD.replace("two", "\U0001f600 e\u0301 \u202eabc \ufffe"),
    "numbers that are none": GOOD.replace(",1\n", ",1.5.7\n").replace(",2\n", ",99999999999999\n"),
    "words for nothing": GOOD.replace(",1\n", ",null\n").replace(",2\n", ",NaN\n").replace(",3", ",-"),
    "lines that look like comments": GOOD.replace("r-2", "# r-2"),
    "a formula": GOOD.replace("two", "=cmd|' /C calc'!A0"),
    "an HTML page": "<!DOCTYPE html>\n<html><body>503, r-1, try later</body></html>\n",
    "JSON": '{"id": "r-1", "name": "one", "amount": 1}\n',
}  # fmt: skip


def kinds() -> Iterator[Kind]:
    """All of them."""
    for name, text in TEXTS.items():
        yield of_text(name, "csv", text)
    yield of_text(
        "line ends in quotes, with multiLine", "csv", TEXTS["line ends in quotes"], multiLine="true"
    )
    yield of_text("an open quote, with multiLine", "csv", TEXTS["an open quote amidst"], multiLine="true")
    yield of_text("UTF-16 with its mark", "csv", GOOD, encoding="utf-16")
    yield of_text("UTF-16 without a mark", "csv", GOOD, encoding="utf-16-be")
    yield of_text("Latin-1", "csv", GOOD.replace("two", "dö"), encoding="latin-1")
    yield of_bytes("cut amidst a character", "csv", f"{GOOD}r-4,dö".encode()[:-1], tokens_of(f"{GOOD}r-4"))
    yield of_bytes("nothing", "csv", b"", ("r-1",))
    yield of_bytes("only NULs", "csv", bytes(5000), ("r-1",))
    yield from _packed()
    yield from _others()


def _packed() -> Iterator[Kind]:
    packed = gzip.compress(GOOD.encode())
    long = gzip.compress((GOOD + "".join(f"r-{n},x,{n}\n" for n in range(4, 3000))).encode())
    broken = packed[:-8] + bytes(8)
    yield of_bytes("gzip", "csv", packed, TOKENS, "bad.csv.gz")
    yield of_bytes("gzip cut short", "csv", long[: len(long) // 2], TOKENS, "bad.csv.gz")
    yield of_bytes("gzip without its end", "csv", packed[:-4], TOKENS, "bad.csv.gz")
    yield of_bytes("gzip with a wrong sum", "csv", broken, TOKENS, "bad.csv.gz")
    yield of_bytes(
        "gzip of several parts", "csv", packed + gzip.compress(b"r-4,x,4\n"), (*TOKENS, "r-4"), "bad.csv.gz"
    )
    yield of_bytes("gzip with NULs after it", "csv", packed + bytes(512), TOKENS, "bad.csv.gz")
    yield of_bytes("gzip with more after it", "csv", packed + b"r-4,x,4\n", (*TOKENS, "r-4"), "bad.csv.gz")
    yield of_bytes("gzip in gzip", "csv", gzip.compress(packed), TOKENS, "bad.csv.gz")
    yield of_bytes("gzip by another name", "csv", packed, TOKENS)
    yield of_bytes("text that is called gzip", "csv", GOOD.encode(), TOKENS, "bad.csv.gz")
    yield of_bytes("nothing that is called gzip", "csv", b"", TOKENS, "bad.csv.gz")
    yield of_bytes("gzip of nothing", "csv", gzip.compress(b""), ("r-1",), "bad.csv.gz")
    yield of_bytes("bzip2 cut short", "csv", bz2.compress(GOOD.encode())[:-10], TOKENS, "bad.csv.bz2")
    yield of_bytes("xz", "csv", lzma.compress(GOOD.encode()), TOKENS, "bad.csv.xz")
    yield of_bytes("called zst", "csv", b"(\xb5/\xfd" + bytes(20), TOKENS, "bad.csv.zst")


def _others() -> Iterator[Kind]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("a.csv", GOOD)
    yield of_bytes("a zip archive", "csv", archive.getvalue(), ("r-1",), "bad.csv.zip")
    yield of_bytes("a zip archive by another name", "csv", archive.getvalue(), ("r-1",))
    yield of_bytes("a picture", "csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, ("r-1",))
    columns = io.BytesIO()
    parquet.write_table(pa.table({"id": ["r-1"]}), columns)
    yield of_bytes("Parquet", "csv", columns.getvalue(), ("r-1",))
