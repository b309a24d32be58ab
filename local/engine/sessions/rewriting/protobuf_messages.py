"""The parts of a plan's messages."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal

from google.protobuf.message import Message


def children(message: Any) -> Iterator[Any]:
    """The messages that stand in one, in the order of its fields."""
    for field, value in message.ListFields():
        kind = _kind(field)
        if kind == "message":
            yield value
        elif kind == "list":
            yield from value
        elif kind == "map":
            yield from (item for item in value.values() if isinstance(item, Message))


@cache
def _kind(field: Any) -> Literal["message", "list", "map", "plain"]:
    """What a field (google.protobuf.descriptor.FieldDescriptor) holds: a plan's thousands are of a few hundred."""
    if field.message_type is None:
        return "plain"
    if field.message_type.GetOptions().map_entry:
        return "map"
    return "list" if field.is_repeated else "message"
