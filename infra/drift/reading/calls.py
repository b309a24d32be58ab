"""Calls to the workspace: in parallel but bounded, tried again when it is busy, and never silently empty."""

import random
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from databricks.sdk import WorkspaceClient
from databricks.sdk.clock import RealClock
from databricks.sdk.core import Config
from databricks.sdk.errors import NotFound, PermissionDenied, Unauthenticated
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.errors.platform import (
    DeadlineExceeded,
    InternalError,
    TemporarilyUnavailable,
    TooManyRequests,
)

from common.errors import UserError

ME = "/api/2.0/preview/scim/v2/Me"
WORKERS = 10
ATTEMPTS = 5
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 20.0
BUSY = (TooManyRequests, TemporarilyUnavailable, InternalError, DeadlineExceeded)
# Seconds that a busy workspace may ask for; a search that waits longer is better run again later.
LONGEST_RETRY_AFTER = 120
# The SDK would try for five minutes by itself, on some of the errors only; all trying again is done here.
SDK_SECONDS = 1
Answer = dict[str, Any]
Item = TypeVar("Item")
Result = TypeVar("Result")


class _PassingClock(RealClock):
    """On it the SDK's own pauses are over at once, and with them the time in which it would try again."""

    def __init__(self) -> None:
        self._of_thread = threading.local()

    def time(self) -> float:
        return super().time() + getattr(self._of_thread, "passed", 0.0)

    def sleep(self, seconds: float) -> None:
        self._of_thread.passed = getattr(self._of_thread, "passed", 0.0) + seconds


def drift_client(**settings: Any) -> WorkspaceClient:
    """A client for the workspace of the process's environment or profile, or of the SDK's `settings`.

    Raises UserError when host or credentials are missing.
    """
    try:
        return WorkspaceClient(
            config=Config(
                retry_timeout_seconds=SDK_SECONDS,
                clock=_PassingClock(),
                http_timeout_seconds=60,
                max_connection_pools=WORKERS,
                max_connections_per_pool=WORKERS,
                **settings,
            )
        )
    except ValueError as error:
        raise no_workspace(error, settings.get("profile")) from error


def no_workspace(error: ValueError, profile: str | None) -> UserError:
    """What to do where the SDK has found no host or no credentials, in `profile` where it was given one."""
    reason = str(error).split(", please")[0].split(". Config:")[0].removeprefix("default auth: ")
    login = f"log in: `databricks auth login --profile {profile}`"
    where = login if profile else "add the credentials for DATABRICKS_HOST"
    return UserError(f"no workspace to go to ({reason}): set DATABRICKS_HOST and its credentials, or {where}")


class Calls:
    """Reading calls of one workspace."""

    def __init__(self, client: WorkspaceClient, pause: Callable[[float], None] = time.sleep) -> None:
        """`pause` waits so many seconds between two attempts."""
        self._client = client
        self._pause = pause

    @property
    def host(self) -> str:
        """The workspace's address."""
        return self._client.config.host or "(no host)"

    def workspace_id(self) -> str:
        """The id of the workspace, as Terraform's provider knows it."""
        header = "X-Databricks-Org-Id"
        found = self._try_again(ME, lambda: self._do(ME, response_headers=[header]))
        return str(found.get(header) or "")

    def get(self, path: str, /, **query: Any) -> Answer:
        """The answer; UserError when it is not there, not allowed or not reached."""
        found = self.find(path, **query)
        if found is None:
            raise UserError(f"{self.host} does not know {path} {query or ''}: is it the right workspace?")
        return found

    def find(self, path: str, /, **query: Any) -> Answer | None:
        """The answer, None when the workspace says that there is no such object."""
        try:
            return self._try_again(path, lambda: self._do(path, query=query))
        except NotFound:
            return None

    def pages(self, path: str, field: str, /, **query: Any) -> list[Answer]:
        """The rows under `field` of all pages; an object that is not there has none."""
        rows: list[Answer] = []
        while True:
            page = self.find(path, **query) or {}
            rows += page.get(field) or []
            if not page.get("next_page_token"):
                return rows
            query["page_token"] = page["next_page_token"]

    def content(self, path: str) -> bytes | None:
        """The bytes of a workspace file or notebook, None when it is gone."""
        query = {"path": path, "direct_download": True}
        headers = {"Accept": "application/octet-stream"}

        def download() -> bytes:
            answer = self._do("/api/2.0/workspace/export", query=query, headers=headers, raw=True)
            with answer["contents"] as stream:
                return stream.read()

        try:
            return self._try_again(path, download)
        except NotFound:
            return None

    def each(self, call: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """`call` on every item, at most WORKERS at a time, results in the items' order; the first error ends it."""
        with ThreadPoolExecutor(WORKERS) as pool:
            futures = [pool.submit(call, item) for item in items]
            try:
                return [future.result() for future in futures]
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _do(self, path: str, **arguments: Any) -> Any:
        return self._client.api_client.do("GET", path, **arguments)

    def _try_again(self, path: str, call: Callable[[], Result]) -> Result:
        pause = FIRST_PAUSE
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return call()
            except (DatabricksError, OSError) as error:
                # The SDK wraps what it gave up on.
                cause = error.__cause__ if isinstance(error, TimeoutError) and error.__cause__ else error
                if isinstance(cause, NotFound):
                    raise cause from error
                asked = _retry_after(cause)
                if attempt == ATTEMPTS or asked > LONGEST_RETRY_AFTER or not _may_pass(cause):
                    raise self._explained(path, cause) from error
            spread = pause * random.uniform(0.8, 1.2)  # noqa: S311 - spreads the calls, hides nothing
            self._pause(asked + spread)
            pause = min(pause * 2, LONGEST_PAUSE)
        raise AssertionError("the last attempt returns or raises")

    def _explained(self, path: str, error: BaseException) -> UserError:
        if isinstance(error, Unauthenticated):
            return UserError(
                f"{self.host} refuses the credentials: {error}; set DATABRICKS_TOKEN or a profile"
            )
        if isinstance(error, PermissionDenied):
            return UserError(
                f"missing right on {self.host} to read {path}: {error}; see docs/drift.md#rights"
            )
        if isinstance(error, BUSY) and (asked := _retry_after(error)) > LONGEST_RETRY_AFTER:
            return UserError(f"{self.host} asks to wait {asked} s before {path}: run it again after that")
        if isinstance(error, BUSY):
            return UserError(f"{self.host} stayed busy over {ATTEMPTS} attempts at {path}: {error}")
        if isinstance(error, DatabricksError):
            return UserError(f"{self.host} cannot answer {path}: {error}")
        return UserError(f"{self.host} cannot be reached ({error}); check DATABRICKS_HOST and the network")


def _retry_after(error: BaseException) -> int:
    """The seconds of the header Retry-After; the SDK reads it, and says 1 where a busy workspace names none."""
    return (error.retry_after_secs or 0) if isinstance(error, DatabricksError) else 0


def _may_pass(error: BaseException) -> bool:
    """Busy, a server's slip, a gateway's page or a broken connection; what the caller got wrong stays wrong."""
    # Every DatabricksError is an OSError; one of no special kind is an answer that the SDK has no name for.
    return isinstance(error, BUSY) or type(error) is DatabricksError or not isinstance(error, DatabricksError)
