"""What `spark.catalog` of a pipeline refuses."""

from typing import Any

import pytest

from common.errors import NotSupplied
from local.engine.evaluating.catalog import PipelineCatalog

_ASK_THE_ENGINE = (
    "createDatabase",
    "dropTable",
    "listViews",
    "getTableProperties",
    "cacheTable",
    "listTables",
)


@pytest.mark.parametrize("name", _ASK_THE_ENGINE)
def test_what_would_ask_the_engine_for_tables_is_refused(name: str) -> None:
    nothing: Any = None
    with pytest.raises(NotSupplied, match=rf"spark\.catalog\.{name} is not supplied"):
        getattr(PipelineCatalog(nothing, nothing), name)
    assert PipelineCatalog(nothing, nothing).dropTempView
