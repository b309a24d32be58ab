"""Readers of files as a pipeline writes them, on the engine."""

import gzip
import json
import os
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from pyarrow import orc, parquet
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from common.errors import NotSupplied, UserError
from local.engine.sources.files import FileState, find_files, new_files
from local.engine.sources.reader import FileSource
from tests.local.engine.avro import write_avro

CSV = {"cloudFiles.format": "csv", "header": "true"}
JSON = {"cloudFiles.format": "json"}
RESCUED = {"rescuedDataColumn": "_rescued_data"}


class Flow:
    """One reader's flow: it remembers its columns and the files that it has read."""

    def __init__(self, session: SparkSession, folder: Path) -> None:
        self.session, self.folder = session, folder
        self.known: list[FileState] = []
        self.schema: StructType | None = None

    def deliver(self, name: str, content: str | bytes) -> Path:
        file = self.folder / "in" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def source(self, source: str, options: dict[str, str], schema: str | None, path: str = "") -> FileSource:
        given: Any = StructType.fromDDL(schema) if schema else None
        return FileSource(source, str(self.folder / "in" / path), options, given)

    def read(
        self,
        options: dict[str, str],
        schema: str | None = None,
        source: str = "cloudFiles",
        path: str = "",
        metadata: bool = False,
    ) -> list[dict[str, Any]]:
        """The rows of the files that are new, sorted."""
        reader = self.source(source, options, schema, path)
        files = new_files(find_files(reader.path, options), self.known, options)
        self.schema = reader.schema_for(files, self.schema)
        self.known += files
        rows = reader.rows(self.session, files, self.schema, self.folder / "scratch", metadata)
        assert rows.columns[: len(self.schema)] == self.schema.names
        return sorted((row.asDict(recursive=True) for row in rows.collect()), key=str)

    @property
    def columns(self) -> dict[str, str]:
        assert self.schema
        return {field.name: field.dataType.simpleString() for field in self.schema.fields}


@pytest.fixture
def flow(sail: SparkSession, tmp_path: Path) -> Flow:
    return Flow(sail, tmp_path)


def rescued(row: dict[str, Any]) -> dict[str, Any]:
    values = json.loads(row["_rescued_data"] or "{}")
    values.pop("_file_path", None)
    return values


@pytest.mark.parametrize(
    ("format", "content"),
    [
        ("csv", "id,price,extra\n1,abc,x\n2,abc,\n3,4.5,y\n"),
        (
            "json",
            '{"id":1,"price":"abc","extra":"x"}\n{"id":2,"price":"abc"}\n{"id":3,"price":4.5,"extra":"y"}',
        ),
    ],
)
@pytest.mark.lakeflow("rescuedDataColumn")
@pytest.mark.parametrize("option", ["rescuedDataColumn", "cloudFiles.rescuedDataColumn"])
def test_a_misfit_and_an_unknown_column_of_one_row_are_both_rescued(
    flow: Flow, format: str, content: str, option: str
) -> None:
    file = flow.deliver(f"a b.{format}", content)
    found = flow.read({**CSV, "cloudFiles.format": format, option: "_rescued_data"}, "id INT, price DOUBLE")
    assert [(row["id"], row["price"], rescued(row)) for row in found] == [
        (1, None, {"price": "abc", "extra": "x"}),
        (2, None, {"price": "abc"}),
        (3, 4.5, {"extra": "y"}),
    ]
    assert json.loads(found[0]["_rescued_data"])["_file_path"] == f"file:{file}".replace(" ", "%20")


def test_text_becomes_a_value_by_the_rules_of_sparks_csv_reader(flow: Flow) -> None:
    kinds = {"i": "INT", "d": "DECIMAL(8,2)", "f": "DOUBLE", "b": "BOOLEAN", "t": "DATE", "m": "TIMESTAMP"}
    flow.deliver(
        "a.csv",
        "i;d;f;b;t;m\n+5;1,234.555; 5;TRUE;2024-1-2T10:00;2024-01-02T03:04:05Z\n"
        " 5;1e2;NaNa;yes;2024-02-30;soon\n99999999999; 5;1,5;1;02/03/2024;2024\n",
    )
    schema = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    found = flow.read({**CSV, **RESCUED, "sep": ";"}, schema)
    good = next(row for row in found if row["i"] == 5)
    assert good | {"m": None} == {"i": 5, "d": Decimal("1234.56"), "f": 5.0, "b": True, "t": date(2024, 1, 2),
                                  "m": None, "_rescued_data": None}  # fmt: skip
    assert sorted(map(len, map(rescued, found))) == [0, 5, 6]


def test_without_a_header_columns_have_their_places_and_with_a_schema_its_names(flow: Flow) -> None:
    flow.deliver("a.csv", "1,a\n2,b,c\n")
    options = {**CSV, "header": "false"}
    assert flow.read(options, "id INT, name STRING") == [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
    flow.known, flow.schema = [], None
    assert flow.read({**options, "cloudFiles.schemaEvolutionMode": "none"})[0] == {"_c0": "1", "_c1": "a"}


def test_spark_itself_reads_csv_by_place_and_auto_loader_by_name(flow: Flow) -> None:
    flow.deliver("a.csv", "b,a\n1,2\n")
    assert flow.read({"header": "true"}, "a INT, b INT", source="csv") == [{"a": 1, "b": 2}]
    flow.known = []
    assert flow.read(CSV, "a INT, b INT") == [{"a": 2, "b": 1}]


def test_without_a_schema_auto_loader_reads_text_under_the_headers_names(flow: Flow) -> None:
    flow.deliver("a.csv.gz", gzip.compress(b'id;label\n007;"a;b"\n'))
    found = flow.read({"cloudFiles.format": "csv", "delimiter": ";"})
    assert found == [{"id": "007", "label": "a;b", "_rescued_data": None}]


def test_json_without_a_schema_is_text_at_the_top_and_typed_when_asked(flow: Flow) -> None:
    flow.deliver("a.json", '{"id": 1, "ok": true, "tags": {"n": 7, "none": {}}, "at": null}\n{"id": 2.5}')
    first = next(row for row in flow.read(JSON) if row["id"] == "1")
    assert first == {"at": None, "id": "1", "ok": "true", "tags": '{"n":7,"none":{}}', "_rescued_data": None}
    flow.known, flow.schema = [], None
    flow.read({**JSON, "cloudFiles.inferColumnTypes": "true"})
    assert flow.columns == {"at": "string", "id": "double", "ok": "boolean", "tags": "struct<n:bigint>",
                            "_rescued_data": "string"}  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "kind"),
    [("1 2", "int"), ("1 9999999999", "bigint"), ("1 99999999999999999999", "decimal(20,0)"), ("1 1.5", "double"),
     ("1e3", "double"), ("TRUE false", "boolean"), ("true 1", "string"), ("2024-01-02", "date"), ("007", "int"),
     ("2024-01-02 2024-01-02T03:04:05", "timestamp"), ("2024-02-30", "string"), ("1.5 2024-01-02", "string"),
     ("02/03/2024", "string"), ("NaN", "double"), ("1_0", "string"), ('""', "string"), ("2147483648", "bigint")],
)  # fmt: skip
def test_types_of_csv_columns_are_those_that_spark_infers(flow: Flow, texts: str, kind: str) -> None:
    flow.deliver("a.csv", "\n".join(["a", *texts.split(), ""]))
    flow.read({"header": "true", "inferSchema": "true"}, source="csv")
    assert flow.columns == {"a": kind}


def test_read_files_infers_types(flow: Flow) -> None:
    flow.deliver("a.csv", "id,degrees\n1,9.5\n")
    flow.read({"format": "csv", "header": "true"}, source="read_files")
    assert flow.columns == {"id": "int", "degrees": "double", "_rescued_data": "string"}
    flow.deliver("b.csv", "id,degrees\ntwo,8\n")
    assert [(row["id"], row["degrees"], rescued(row)) for row in flow.read({"format": "csv", "header": "true"},
            source="read_files")] == [(None, 8.0, {"id": "two"})]  # fmt: skip


def test_read_files_tells_the_format_by_the_files(flow: Flow) -> None:
    flow.deliver("a.jsonl", '{"id": 1}')
    assert flow.read({}, source="read_files") == [{"id": 1, "_rescued_data": None}]


def test_lines_before_the_header_are_skipped(flow: Flow) -> None:
    flow.deliver("a.csv", "made by hand\n\nid\n1\n")
    assert flow.read({**CSV, "skipRows": "1"}) == [{"id": "1", "_rescued_data": None}]


def test_auto_loader_is_told_by_its_format_too(flow: Flow) -> None:
    flow.deliver("a.csv", "b,a\n1,2\n")
    assert flow.read({"cloudFiles.format": "csv"}, source="csv") == [
        {"b": "1", "a": "2", "_rescued_data": None}
    ]


def test_hints_give_types_and_the_other_columns_stay_text(flow: Flow) -> None:
    flow.deliver("a.csv", "id,code,price\n1,007,2.5\n2,008,n/a\n")
    found = flow.read({**CSV, "cloudFiles.schemaHints": "id INT, price DECIMAL(8,2), more DATE"})
    assert flow.columns == {"id": "int", "code": "string", "price": "decimal(8,2)", "more": "date",
                            "_rescued_data": "string"}  # fmt: skip
    assert [(row["id"], row["code"], row["price"], rescued(row)) for row in found] == [
        (1, "007", Decimal("2.50"), {}),
        (2, "008", None, {"price": "n/a"}),
    ]


@pytest.mark.lakeflow("addNewColumns, rescue, none, failOnNewColumns")
@pytest.mark.parametrize(
    ("mode", "second"),
    [
        ("addNewColumns", {"id": "2", "name": "b", "colour": "red", "_rescued_data": None}),
        ("rescue", {"id": "2", "name": "b", "_rescued_data": {"colour": "red"}}),
        ("none", {"id": "2", "name": "b"}),
        ("failOnNewColumns", "b.csv has new columns: colour"),
    ],
)
def test_a_new_column_does_what_the_mode_says(flow: Flow, mode: str, second: dict[str, Any] | str) -> None:
    options = {**CSV, "cloudFiles.schemaEvolutionMode": mode}
    flow.deliver("a.csv", "id,name\n1,a\n")
    assert flow.read(options)[0]["id"] == "1"
    flow.deliver("b.csv", "colour,name,id\nred,b,2\n")
    if isinstance(second, str):
        with pytest.raises(UserError, match=second):
            flow.read(options)
        return
    [row] = flow.read(options)
    if row.get("_rescued_data"):
        row["_rescued_data"] = rescued(row)
    assert row == second


def test_folders_named_key_and_value_give_columns(flow: Flow) -> None:
    flow.deliver("dt=2024-01-01/n=1/a.csv", "id,n\n1,9\n")
    flow.deliver("dt=2024-01-02/n=2/a.csv", "id\n2\n")
    found = flow.read({**CSV, "cloudFiles.inferColumnTypes": "true"})
    assert flow.columns == {"id": "int", "dt": "date", "n": "int", "_rescued_data": "string"}
    assert [(row["id"], str(row["dt"]), row["n"], rescued(row)) for row in found] == [
        (1, "2024-01-01", 1, {}),
        (2, "2024-01-02", 2, {}),
    ]
    flow.known, flow.schema = [], None
    assert flow.read({**CSV, "cloudFiles.partitionColumns": "dt"})[0]["dt"] == "2024-01-01"
    assert list(flow.columns) == ["id", "n", "dt", "_rescued_data"]


def logical(kind: str, name: str, **more: int) -> dict[str, Any]:
    return {"type": kind, "logicalType": name, **more}


def test_avro_has_sparks_types(flow: Flow) -> None:
    place = {"type": "record", "name": "Place", "fields": [{"name": "zip", "type": ["null", "string"]}]}
    # Each type of Avro, the type that Spark documents for it, a value and what is read of it.
    day = datetime(2024, 1, 2)
    cases: dict[str, tuple[Any, str, Any, Any]] = {
        "yes": ("boolean", "boolean", True, True),
        "small": ("int", "int", 7, 7),
        "short": ("float", "float", 0.5, 0.5),
        "raw": ("bytes", "binary", b"a", b"a"),
        "fixed": ({"type": "fixed", "name": "F", "size": 2}, "binary", b"ab", b"ab"),
        "kind": ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, "string", "B", "B"),
        "wider": (["int", "long"], "bigint", 2**40, 2**40),
        "real": (["null", "float", "double"], "double", 0.1, 0.1),
        "price": (logical("bytes", "decimal", precision=8, scale=2), "decimal(8,2)", Decimal("1.50"), Decimal("1.50")),
        "day": (logical("int", "date"), "date", day.date(), day.date()),
        "at": (logical("long", "timestamp-millis"), "timestamp", day.replace(tzinfo=UTC), day),
        "here": (logical("long", "local-timestamp-micros"), "timestamp_ntz", day, day),
        "clock": (logical("int", "time-millis"), "int", time(0, 0, 1), 1000),
        "clocks": (logical("long", "time-micros"), "bigint", time(0, 1), 60_000_000),
        "uuid": (logical("string", "uuid"), "string", UUID(int=1), str(UUID(int=1))),
        "odd": (logical("int", "timestamp-millis"), "int", 7, 7),
        "text": (logical("string", "decimal", precision=8, scale=2), "string", "1.50", "1.50"),
        "place": (place, "struct<zip:string>", {"zip": "01037"}, {"zip": "01037"}),
        "places": ({"type": "array", "items": "Place"}, "array<struct<zip:string>>", [{"zip": None}], [{"zip": None}]),
        "tags": ({"type": "map", "values": "long"}, "map<string,bigint>", {"a": 1}, {"a": 1}),
    }  # fmt: skip
    values = {name: value for name, (_, _, value, _) in cases.items()}
    write_avro(flow.deliver("a.avro", ""), [values], **{name: kind for name, (kind, *_) in cases.items()})
    [row] = flow.read({"cloudFiles.format": "avro"})
    assert flow.columns == {name: kind for name, (_, kind, *_) in cases.items()} | {"_rescued_data": "string"}
    assert row == {name: found for name, (*_, found) in cases.items()} | {"_rescued_data": None}


def test_avro_takes_new_columns_and_rescues_what_does_not_fit(flow: Flow) -> None:
    options = {"cloudFiles.format": "avro", "cloudFiles.schemaEvolutionMode": "rescue"}
    write_avro(flow.deliver("a.avro", ""), [{"id": 1}], codec="snappy", id="int")
    assert flow.read(options) == [{"id": 1, "_rescued_data": None}]
    write_avro(
        flow.deliver("b.avro", ""), [{"id": "x", "more": 2}], codec="zstandard", id="string", more="int"
    )
    [row] = flow.read(options)
    assert row["id"] is None
    assert rescued(row) == {"id": "x", "more": 2}


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (
            {"id": ["int", "string"]},
            r"a\.avro: column id: a union of int, string is not supplied .* write one type",
        ),
        (
            {"id": {"type": "record", "name": "N", "fields": [{"name": "n", "type": ["null", "N"]}]}},
            "column n: N stands within itself",
        ),
    ],
)
def test_avro_types_that_spark_reads_otherwise_or_not_at_all_are_refused(
    flow: Flow, kinds: dict[str, Any], said: str
) -> None:
    write_avro(flow.deliver("a.avro", ""), [], **kinds)
    with pytest.raises(NotSupplied, match=said):
        flow.read({}, source="avro")


def test_parquet_has_its_own_names_and_types_and_what_differs_is_rescued(flow: Flow) -> None:
    table = pa.table({"id": pa.array([1], pa.int32()), "price": pa.array([Decimal("2.50")]), "Name": ["a"]})
    parquet.write_table(table, flow.deliver("a.parquet", ""))
    options = {"cloudFiles.format": "parquet"}
    assert flow.read(options) == [{"id": 1, "price": Decimal("2.50"), "Name": "a", "_rescued_data": None}]
    assert flow.columns["price"] == "decimal(3,2)"
    changed = pa.table({"id": pa.array([2**40], pa.int64()), "price": ["free"], "name": ["b"]})
    parquet.write_table(changed, flow.deliver("b.parquet", ""))
    [row] = flow.read({**options, "cloudFiles.schemaEvolutionMode": "rescue"})
    assert (row["id"], row["price"], row["Name"]) == (None, None, None)
    assert rescued(row) == {"id": 2**40, "price": "free", "name": "b"}


def test_a_timestamp_of_96_bits_is_a_moment(flow: Flow) -> None:
    table = pa.table({"at": pa.array([datetime(2024, 1, 2, 3, 4, 5)])})
    parquet.write_table(table, flow.deliver("a.parquet", ""), use_deprecated_int96_timestamps=True)
    assert flow.read({}, source="parquet") == [{"at": datetime(2024, 1, 2, 3, 4, 5)}]
    assert flow.columns == {"at": "timestamp"}


def test_orc_text_and_binary_files_are_read(flow: Flow) -> None:
    orc.write_table(pa.table({"id": [1]}), str(flow.deliver("a.orc", "")))
    assert flow.read({"pathGlobFilter": "*.orc"}, source="orc") == [{"id": 1}]
    flow.schema = None
    flow.deliver("a.txt", "one\r\n\ntwo")
    texts = {"pathGlobFilter": "*.txt"}
    assert [row["value"] for row in flow.read(texts, source="text")] == ["", "one", "two"]
    flow.known, flow.schema = [], None
    [row] = flow.read({**texts, "cloudFiles.format": "binaryFile"})
    assert (row["length"], bytes(row["content"])) == (9, b"one\r\n\ntwo")


def test_metadata_says_which_file_a_row_stood_in(flow: Flow) -> None:
    file = flow.deliver("ação [1].csv", "id\n1\n")
    os.utime(file, ns=(0, 1_700_000_000_123_456_789))
    [row] = flow.read(CSV, "id INT", metadata=True)
    assert row["_metadata"] == {
        "file_path": f"file:{file.parent}/ação%20%5B1%5D.csv",
        "file_name": "ação%20%5B1%5D.csv",
        "file_size": 5,
        "file_block_start": 0,
        "file_block_length": 5,
        "file_modification_time": datetime(2023, 11, 14, 22, 13, 20, 123_000),
    }


def test_other_encodings_patterns_and_marks_of_null(flow: Flow) -> None:
    flow.deliver("a.csv", 'id,city,day\nNA,São Paulo,02/03/2024\n2,"",2024-03-02\n'.encode("latin-1"))
    options = {**CSV, **RESCUED, "encoding": "ISO-8859-1", "nullValue": "NA", "emptyValue": "-",
               "dateFormat": "dd/MM/yyyy"}  # fmt: skip
    first, second = sorted(
        flow.read(options, "id INT, city STRING, day DATE"), key=lambda row: row["city"], reverse=True
    )
    assert (first["id"], first["city"], first["day"]) == (None, "São Paulo", date(2024, 3, 2))
    assert (second["id"], second["city"], second["day"], rescued(second)) == (
        2,
        "-",
        None,
        {"day": "2024-03-02"},
    )


def test_no_file_gives_no_row(flow: Flow) -> None:
    flow.deliver("a.csv", "id\n1\n")
    flow.read(CSV, "id INT")
    assert flow.read(CSV, "id INT") == []


@pytest.mark.parametrize(
    ("options", "schema", "message"),
    [
        (
            {**CSV, "cloudFiles.useNotifications": "true"},
            None,
            "the option cloudFiles.useNotifications = true is not",
        ),
        (
            {**CSV, "cloudFiles.inferColumnType": "true"},
            None,
            "the option cloudFiles.inferColumnType = true is not",
        ),
        ({**CSV, "schemaHints": "id INT"}, None, "write cloudFiles.schemaHints"),
        ({**CSV, "mode": "FAILFAST"}, None, "the option mode = FAILFAST is not supplied"),
        ({"cloudFiles.format": "xml"}, None, "the format xml is not supplied: choose csv, json"),
        ({}, None, "the format is not given"),
        ({**CSV, "header": "yes"}, None, "the option header = yes must be true or false"),
        ({**CSV, "quote": "''"}, None, "the option quote = '' must be one character"),
        ({**CSV, "cloudFiles.schemaEvolutionMode": "addNewColumns"}, "id INT", "cloudFiles.schemaHints"),
        ({**CSV, "dateFormat": "Q"}, "id DATE", "the option dateFormat = Q: Q is not supplied"),
        ({**CSV, "encoding": "klingon"}, None, "the option encoding = klingon is not known"),
        (CSV, "id STRUCT<a: INT>", "column id: CSV and folder names hold no struct<a:int>"),
        (CSV, "id INT, _corrupt_record STRING", "use the option rescuedDataColumn"),
    ],
)
def test_what_is_not_supplied_is_refused_by_its_name(
    flow: Flow, options: dict[str, str], schema: str | None, message: str
) -> None:
    flow.deliver("a.csv", "id\n1\n")
    with pytest.raises(UserError, match=message):
        flow.read(options, schema)


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("a.csv", b"", "csv"),
        ("a.csv.gz", b"\x1f\x8b\x08\x00cut", "csv"),
        ("a.parquet", b"PAR1", "parquet"),
        ("a.avro", b"Obj", "avro"),
    ],
)
def test_a_broken_file_is_named(flow: Flow, name: str, content: bytes, format: str) -> None:
    flow.deliver(name, content)
    with pytest.raises(UserError, match=name):
        flow.read({"cloudFiles.format": format}, "id INT")


def test_nothing_to_infer_from_is_an_error(flow: Flow) -> None:
    (flow.folder / "in").mkdir()
    with pytest.raises(UserError, match="there is no file to infer the columns from"):
        flow.read(CSV)
