"""Every table of the lakehouse, its key and its columns: the one source of all comments.

Plain data without Spark, so that infrastructure and documents can read it too.
"""

from pipelines.schemas import bronze, cdc, gold, privacy, silver, utils
from pipelines.schemas.model import Column, Table

TABLES: tuple[Table, ...] = (
    *bronze.TABLES,
    *silver.TABLES,
    *gold.TABLES,
    *cdc.TABLES,
    *utils.TABLES,
    *privacy.TABLES,
)

__all__ = ["TABLES", "Column", "Table", "bronze", "cdc", "gold", "privacy", "silver", "utils"]
