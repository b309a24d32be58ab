"""`spark.catalog` of a pipeline."""

from collections.abc import Callable
from typing import Any, Protocol

from pyspark.sql.connect.catalog import Catalog

from common.errors import NotSupplied

# An engine knows nothing of the home: what it would say of tables and schemas, or do with them, is of a catalog that
# nobody has. These are of the pipeline or of the session.
_SUPPLIED = (
    "currentCatalog", "currentDatabase", "dropGlobalTempView", "dropTempView", "functionExists", "getFunction",
    "listFunctions", "registerFunction", "tableExists",
)  # fmt: skip


class CatalogTables(Protocol):
    """The tables of a pipeline and of its home."""

    def has_table(self, name: str) -> bool:
        """Whether there is a table or view of this name."""
        ...


class PipelineCatalog(Catalog):
    """Its tables are those that the pipeline knows; functions and temporary views are the engine's.

    Raises NotSupplied for what else is asked of a catalog.
    """

    def __init__(self, session: Any, tables: CatalogTables) -> None:
        super().__init__(session)
        self._tables = tables

    def tableExists(self, tableName: str, dbName: str | None = None) -> bool:  # noqa: N802, N803 - Spark's names
        """Whether the pipeline defines it, the home holds it, or the code has made it a temporary view."""
        return self._tables.has_table(f"{dbName}.{tableName}" if dbName else tableName)

    def __getattribute__(self, name: str) -> Callable[..., Any]:
        """Refuses by name what is not supplied."""
        if not name.startswith("_") and name not in _SUPPLIED:
            raise NotSupplied(
                f"spark.catalog.{name} is not supplied on one machine: the engine here knows no tables of a catalog"
            )
        return super().__getattribute__(name)
