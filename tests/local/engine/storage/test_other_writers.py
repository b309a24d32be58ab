"""A Delta table of another writer, whose rows its data files alone do not tell, is refused and not read wrongly."""

import base64
import json
import struct
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from common.errors import NotSupplied, UserError
from local.engine.storage.delta import data_files
from tests.local.engine.project import Project

ROWS = pa.table({"id": [1, 2, 3], "day": ["a", "a", "b"]})
# Z85, in which a log writes a vector, is base 85 with other signs (https://rfc.zeromq.org/spec/32).
B85 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"


def first_row_deleted() -> dict[str, object]:
    """A deletion vector that holds row 0, in the log itself (Delta's protocol, "Deletion Vector Format")."""
    bitmap = struct.pack("<IIHHIH", 12346, 1, 0, 0, 16, 0)
    vector = struct.pack("<IQI", 1681511377, 1, 0) + bitmap
    text = base64.b85encode(vector + bytes(-len(vector) % 4)).decode()
    written = text.translate(str.maketrans(B85, Z85))
    return {"storageType": "i", "pathOrInlineDv": written, "sizeInBytes": len(vector), "cardinality": 1}


def delete_by_vector(folder: Path) -> None:
    """Deletes the first row of the table's one file as Databricks does: the file stays as it is."""
    log = folder / "_delta_log"
    [added] = [
        line["add"]
        for line in map(json.loads, (log / f"{0:020}.json").read_text().splitlines())
        if "add" in line
    ]
    path = added["path"]
    vectors = ["deletionVectors"]
    actions = [
        {
            "protocol": {
                "minReaderVersion": 3,
                "minWriterVersion": 7,
                "readerFeatures": vectors,
                "writerFeatures": vectors,
            }
        },
        {"remove": {"path": path, "dataChange": True, "deletionTimestamp": 0}},
        {"add": added | {"deletionVector": first_row_deleted()}},
    ]
    (log / f"{1:020}.json").write_text("\n".join(map(json.dumps, actions)))


def test_deletion_vectors_are_refused(tmp_path: Path) -> None:
    write_deltalake(tmp_path, ROWS)
    assert len(data_files(DeltaTable(tmp_path))) == 1
    delete_by_vector(tmp_path)
    table = DeltaTable(tmp_path)
    # What delta-rs itself takes the vector for.
    assert [
        mask for batch in table.deletion_vectors() for mask in pa.table(batch)["selection_vector"].to_pylist()
    ]
    with pytest.raises(NotSupplied, match=f"{tmp_path}.*deletion vectors"):
        data_files(table)


def test_partition_columns_are_refused(tmp_path: Path) -> None:
    write_deltalake(tmp_path, ROWS, partition_by=["day"])
    with pytest.raises(NotSupplied, match=rf"{tmp_path}.*partition columns of a Delta table .day."):
        data_files(DeltaTable(tmp_path))


def map_columns(folder: Path, mode: str) -> None:
    """Gives the table the log of one whose columns were mapped when it was made: the files have names of their own."""
    log = folder / "_delta_log" / f"{0:020}.json"
    actions = [json.loads(line) for line in log.read_text().splitlines()]
    for action in actions:
        if "protocol" in action:
            action["protocol"] = {"minReaderVersion": 2, "minWriterVersion": 5}
        if "metaData" in action:
            schema = json.loads(action["metaData"]["schemaString"])
            for number, column in enumerate(schema["fields"], start=1):
                column["metadata"] = {
                    "delta.columnMapping.id": number,
                    "delta.columnMapping.physicalName": column["name"],
                }
                column["name"] = column["name"].removeprefix("col-")
            action["metaData"]["schemaString"] = json.dumps(schema)
            action["metaData"]["configuration"] = {
                "delta.columnMapping.mode": mode,
                "delta.columnMapping.maxColumnId": "2",
            }
    log.write_text("\n".join(map(json.dumps, actions)))


@pytest.mark.parametrize("mode", ["name", "id"])
def test_mapped_columns_are_refused(tmp_path: Path, mode: str) -> None:
    write_deltalake(tmp_path, ROWS.rename_columns(["col-id", "col-day"]))
    map_columns(tmp_path, mode)
    table = DeltaTable(tmp_path)
    assert [field.name for field in table.schema().fields] == ["id", "day"]
    with pytest.raises(NotSupplied, match=rf"{tmp_path}.*delta\.columnMapping\.mode = {mode}"):
        data_files(table)


def test_a_pipeline_that_reads_such_a_table_says_so(project: Project) -> None:
    write_deltalake(project.home.volumes / "shop/files/days", ROWS, partition_by=["day"])
    project.write(
        "transformations/a.py",
        """
        @dp.materialized_view
        def a():
            return spark.read.format("delta").load("/Volumes/main/shop/files/days")
        """,
    )
    with pytest.raises(UserError, match=r"a\.py:.*partition columns of a Delta table"):
        project.run()
