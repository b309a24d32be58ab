"""Avro files that tests make."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any


def write_avro(file: Path, records: Sequence[dict[str, Any]], codec: str = "null", **kinds: Any) -> None:
    """A file of these records, whose fields are of these types of Avro."""
    from fastavro import writer

    fields = [{"name": name, "type": kind} for name, kind in kinds.items()]
    with file.open("wb") as out:
        writer(out, {"type": "record", "name": "r", "fields": fields}, records, codec=codec)
