"""The parts of a plan's messages."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message


def children(message: Any) -> Iterator[Any]:
    """The messages that stand in one, in the order of its fields."""
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if isinstance(value, Message):
            yield value
        elif field.message_type.GetOptions().map_entry:
            yield from (item for item in value.values() if isinstance(item, Message))
        else:
            yield from value
