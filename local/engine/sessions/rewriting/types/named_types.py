"""Types by the names that DDL gives them."""

import re

from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    TimestampType,
)

NAMED: dict[str, DataType] = {
    "boolean": BooleanType(),
    "int": IntegerType(),
    "bigint": LongType(),
    "double": DoubleType(),
    "string": StringType(),
    "date": DateType(),
    "timestamp": TimestampType(),
}


def named_type(name: str) -> DataType | None:
    """A type by its name in DDL; None for one with parts, but a decimal."""
    decimal = re.fullmatch(r"decimal\((\d+), ?(\d+)\)", name, re.IGNORECASE)
    return DecimalType(int(decimal[1]), int(decimal[2])) if decimal else NAMED.get(name.lower())
