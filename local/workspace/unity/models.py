"""Registered models: names that stand in a schema; no versions, no files."""

from minilake.uc_types import validate_identifier

from local.workspace.calls import routing
from local.workspace.calls.context import Workspace, Ws
from local.workspace.calls.errors import exists, not_found
from local.workspace.storage.records import Collection, Record
from local.workspace.unity.securables import find, new_fields

router = routing.router("/api/2.1/unity-catalog/models")


class NewModel(Record):
    """The fields of a model that its caller chooses."""

    name: str
    catalog_name: str
    schema_name: str
    comment: str | None = None


class Model(NewModel):
    """A registered model; times in milliseconds."""

    full_name: str
    owner: str
    created_at: int
    created_by: str
    updated_at: int
    updated_by: str


class Models(Record):
    """The models of a schema."""

    registered_models: list[Model]


# By full name.
_MODELS = Collection("models", Model)


@router.post("")
async def create_model(ws: Ws, body: NewModel) -> Model:
    """Register a model."""
    schema = f"{body.catalog_name}.{body.schema_name}"
    find("schemas", schema)
    validate_identifier(body.name, "model")
    full_name = f"{schema}.{body.name}"
    if _MODELS.get(ws.store, full_name):
        raise exists(f"Model '{full_name}' already exists")
    model = Model.model_validate(dict(body) | new_fields(full_name))
    _MODELS.put(ws.store, full_name, model)
    return model


@router.get("")
async def list_models(ws: Ws, catalog_name: str, schema_name: str) -> Models:
    """The models of a schema."""
    schema = f"{catalog_name}.{schema_name}"
    find("schemas", schema)
    return Models(registered_models=_MODELS.below(ws.store, f"{schema}."))


@router.delete("/{full_name}")
async def delete_model(ws: Ws, full_name: str) -> Record:
    """Drop a model."""
    if not _MODELS.get(ws.store, full_name):
        raise not_found(f"Model '{full_name}' does not exist.")
    _MODELS.delete(ws.store, full_name)
    return Record()


def drop_within(ws: Workspace, schema: str) -> None:
    """Drop the models of a schema."""
    _MODELS.delete_below(ws.store, f"{schema}.")
