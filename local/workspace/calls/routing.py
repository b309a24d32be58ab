"""Routes whose answers are records: in JSON as the store keeps them (`storage.records`)."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute


class _RecordRoute(APIRoute):
    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        options["response_model_exclude_unset"] = True
        options["response_model_exclude_none"] = True
        super().__init__(path, endpoint, **options)


def router(prefix: str = "") -> APIRouter:
    """A router of calls below `prefix` that answer with records."""
    return APIRouter(prefix=prefix, route_class=_RecordRoute)
