"""Runs updates: the uploaded files, in a process of its own, one update at a time."""

import asyncio

from common.errors import UserError
from local.workspace.calls.context import Workspace
from local.workspace.calls.errors import DatabricksError
from local.workspace.pipelines import (
    engine_events,
    event_log,
    published_log,
    update_order,
    update_records,
)
from local.workspace.pipelines.event_log import Details, StartOptions, UserAction
from local.workspace.pipelines.update_records import Update
from local.workspace.processes.worker import Told
from local.workspace.processes.worker_process import files_in, update_in_a_process
from local.workspace.rights.run_as_needs import must_make_table, must_read_sources


class UpdateRunner:
    """The updates under way in this process."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws
        self._turn = asyncio.Lock()
        self._folder = ws.runs / "engine"
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, pipeline_id: str, options: StartOptions) -> Update:
        """Queue an update and come back at once."""
        update = update_records.create(self._ws, pipeline_id, options)
        self._tasks[update.update_id] = asyncio.create_task(self._run(update))
        return update

    async def wait(self, update: Update) -> Update:
        """The update when it has ended; stopping the waiting does not stop the update."""
        task = self._tasks.get(update.update_id)
        if task:
            await asyncio.wait([task])
        return update_records.find(self._ws, update.pipeline_id, update.update_id)

    async def stop(self, pipeline_id: str) -> None:
        """Cancel the update under way and wait until it has ended; nothing happens when there is none."""
        update = update_records.under_way(self._ws, pipeline_id)
        task = self._tasks.get(update.update_id) if update else None
        if update is None or task is None:
            return
        details = Details(user_action=UserAction(action="STOP"))
        origin = update_records.origin_of(self._ws, update)
        event_log.add(self._ws, origin, "user_action", "User stopped the update.", details)
        task.cancel()
        await asyncio.wait([task])

    async def close(self) -> None:
        """Cancel everything: the workspace ends."""
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks.values())

    async def _run(self, update: Update) -> None:
        try:
            async with self._turn:
                await self._update(update)
        except asyncio.CancelledError:
            update_records.set_state(self._ws, update, "CANCELED")
        except (UserError, DatabricksError) as error:
            self._fail(update, str(error))
        except Exception as error:
            self._fail(update, f"{type(error).__name__}: {error}")
        finally:
            # In the same turn of the loop: who sees the last state sees its event in the table, too.
            published_log.publish(self._ws, update)
            self._tasks.pop(update.update_id, None)

    def _fail(self, update: Update, error: str) -> None:
        text = update_order.in_workspace_terms(self._ws, error, update, files_in(self._folder))
        message = f"Update {update.short_id} has failed: {text}"
        update_records.set_state(self._ws, update, "FAILED", message, text)

    async def _update(self, update: Update) -> None:
        update_records.set_state(self._ws, update, "INITIALIZING")
        spec = update.config
        must_read_sources(self._ws, update.run_as, spec.library_paths, spec.configuration.values())
        published_log.must_be_free(self._ws, update)
        prepare = update_order.order_of_update
        order, uploaded = await asyncio.to_thread(prepare, self._ws, update, files_in(self._folder))
        await update_in_a_process(self._folder, order, uploaded, lambda line: self._take(update, line))
        update_records.set_state(self._ws, update, "COMPLETED")

    def _take(self, update: Update, told: Told) -> bool:
        """Keep what the worker says; true when it was its last word. Raises UserError when that is an error."""
        if told.error is not None:
            raise UserError(told.error)
        if told.waits:
            update_records.set_state(self._ws, update, "WAITING_FOR_RESOURCES")
        if told.event:
            if told.event.state == "RUNNING":
                must_make_table(self._ws, update.run_as, update.config.catalog or "", told.event.dataset)
            if update_records.state_of(self._ws, update) != "RUNNING":
                update_records.set_state(self._ws, update, "RUNNING")
            engine_events.keep_event(self._ws, update, told.event)
        if told.written is None:
            return False
        engine_events.note_tables(self._ws, update, told.written)
        return True
