"""Does a query in a process of its own: neither an engine nor its failure stays in the workspace."""

import asyncio
import json
from dataclasses import asdict

from common.checkout import REPOSITORY
from common.home import Home
from local.workspace.processes.processes import child
from local.workspace.processes.query import QueryAnswer, QueryOrder


async def query_in_a_process(home: Home, statement: str) -> QueryAnswer:
    """What a query on the tables of `home` gives, or why it failed."""
    started = child(
        ["-m", "local.workspace.processes.query"],
        REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    async with started as process:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(asdict(QueryOrder(str(home.path), statement))).encode() + b"\n")
        line = await process.stdout.readline()
    return (
        QueryAnswer(**json.loads(line))
        if line
        else QueryAnswer(error="The engine ended before the query did.")
    )
