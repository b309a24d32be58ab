"""What is known of tables before anything runs, and whom a look at a query asks for it."""

from dataclasses import dataclass
from typing import Protocol

from pyspark.sql.types import StructType

from local.engine.checking.analysis import Analysis
from local.engine.evaluating.session import PipelineSession
from local.engine.language.definitions import Definitions


@dataclass(frozen=True)
class Shape:
    """What is known of a dataset's rows: their columns (None where they are not known), and whether they stream."""

    schema: StructType | None = None
    streams: bool = False


class CheckedPipeline(Protocol):
    """What a look asks of the check of its pipeline."""

    session: PipelineSession
    analysis: Analysis
    definitions: Definitions

    def shape_of(self, name: str) -> Shape | None:
        """What is known of a dataset or a table by its full name; None when there is no such table."""
        ...

    def circle(self, name: str) -> str | None:
        """How the dataset that is looked at comes to read `name` in a circle, if it does."""
        ...

    def declared(self, name: str) -> Shape:
        """What a dataset says of its columns by itself."""
        ...

    def table_names(self) -> list[str]:
        """The names of all tables and views that could be read."""
        ...

    def local_path(self, path: str) -> str:
        """Where /Volumes/<catalog>/... stands on this machine."""
        ...

    def inferred(self, dataset: str, source: str) -> StructType | None:
        """The columns that an update inferred from files before."""
        ...
