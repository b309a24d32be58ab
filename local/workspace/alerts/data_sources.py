"""The SQL warehouses as the provider looks them up by name."""

from local.workspace.calls import routing
from local.workspace.storage import minilake
from local.workspace.storage.records import Record

router = routing.router("/api/2.0/preview/sql/data_sources")


class DataSource(Record):
    """A warehouse under the name that older calls have for it."""

    id: str
    name: str
    warehouse_id: str


@router.get("")
async def list_data_sources() -> list[DataSource]:
    """One for each warehouse."""
    return [
        DataSource(id=warehouse_id, name=name, warehouse_id=warehouse_id)
        for warehouse_id, name in minilake.warehouses().items()
    ]
