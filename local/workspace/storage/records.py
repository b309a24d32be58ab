"""Records of the workspace: typed, in the JSON of the REST API, the same in an answer and in the store."""

from typing import Any, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue

from local.workspace.storage.store import Store


class Record(BaseModel):
    """Fields as the API names them; a change is a new record.

    In JSON, fields that nobody set and fields that are None are left out.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    def changed(self, **fields: Any) -> Self:
        """The record with other values in some fields, whose types are not checked again.

        TypeError when the record has no such field.
        """
        unknown = fields.keys() - type(self).model_fields.keys()
        if unknown and self.model_extra is None:
            raise TypeError(f"{type(self).__name__} has no fields {', '.join(sorted(unknown))}")
        return self.model_copy(update=fields)

    def with_set(self, later: "Record") -> Self:
        """The record with all that `later` sets."""
        return self.changed(**{name: value for name, value in later if name in later.model_fields_set})

    def as_json(self) -> dict[str, JsonValue]:
        """The record as a JSON object; an answer (see `calls.routing`) is the same."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)

    def to_json(self) -> str:
        """The text of it, which the store keeps."""
        return self.model_dump_json(by_alias=True, exclude_unset=True, exclude_none=True)


class Sent(Record):
    """A record that callers write: what they send beyond the fields that are named here is kept and given back."""

    model_config = ConfigDict(extra="allow")


R = TypeVar("R", bound=Record)


class Collection(Generic[R]):
    """The records of one kind in the store, by key."""

    def __init__(self, kind: str, form: type[R]) -> None:
        self._kind = kind
        self._form = form

    def get(self, store: Store, key: str | int) -> R | None:
        """One record, or None."""
        text = store.get(self._kind, key)
        return None if text is None else self._form.model_validate_json(text)

    def all(self, store: Store) -> list[R]:
        """Every record, by key."""
        return [self._form.model_validate_json(text) for text in store.all(self._kind)]

    def keys(self, store: Store) -> list[str]:
        """The keys of all records."""
        return store.keys(self._kind)

    def below(self, store: Store, prefix: str) -> list[R]:
        """The records whose key begins with `prefix`, by key."""
        return [self._form.model_validate_json(text) for text in store.below(self._kind, prefix)]

    def put(self, store: Store, key: str | int, record: R) -> None:
        """Create or replace one record."""
        store.put(self._kind, key, record.to_json())

    def delete(self, store: Store, key: str | int) -> None:
        """Forget one record, if it is there."""
        store.delete(self._kind, key)

    def delete_below(self, store: Store, prefix: str) -> None:
        """Forget the records whose key begins with `prefix`."""
        store.delete_below(self._kind, prefix)

    def new_id(self, store: Store) -> int:
        """A number that no other record of the kind ever had."""
        return store.next_id(self._kind)
