"""A message that cannot be read: asked for again, or an error; never a stream that ends as if all had come."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from pyspark.errors.exceptions.connect import SparkConnectException
from pyspark.sql.connect.proto import (
    AnalyzePlanRequest,
    AnalyzePlanResponse,
    Command,
    ConfigRequest,
    ExecutePlanRequest,
    ExecutePlanResponse,
    Plan,
    Relation,
    SqlCommand,
)
from pyspark.sql.connect.proto.base_pb2_grpc import SparkConnectServiceStub

from local.engine.sessions import sail
from local.engine.sessions.channel import EngineChannel
from local.engine.sessions.kept_settings import KeptSettings

SCHEMA = ExecutePlanResponse(response_id="schema").SerializeToString()
ROWS = ExecutePlanResponse(
    response_id="rows", arrow_batch=ExecutePlanResponse.ArrowBatch(row_count=1, data=b"1")
).SerializeToString()
KNOWN = AnalyzePlanResponse(spark_version=AnalyzePlanResponse.SparkVersion(version="4")).SerializeToString()
CUT_SHORT = ROWS[:-1]
QUERY = ExecutePlanRequest(plan=Plan(root=Relation()))
COMMAND = ExecutePlanRequest(plan=Plan(command=Command()))


@contextmanager
def serving(*answers: list[bytes]) -> Iterator[SparkConnectServiceStub]:
    """The client of a server that gives the next of the answers to each call."""
    left = iter(answers)
    handlers = {
        "ExecutePlan": grpc.unary_stream_rpc_method_handler(lambda request, context: iter(next(left))),
        "AnalyzePlan": grpc.unary_unary_rpc_method_handler(lambda request, context: next(left)[0]),
    }
    service = grpc.method_handlers_generic_handler("spark.connect.SparkConnectService", handlers)
    server = grpc.server(ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers((service,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    channel = EngineChannel(f"sc://127.0.0.1:{port}").toChannel()
    yield SparkConnectServiceStub(channel)
    channel.close()
    server.stop(None)


def test_messages_come_in_their_order() -> None:
    with serving([SCHEMA, ROWS, ROWS]) as stub:
        assert [one.response_id for one in stub.ExecutePlan(QUERY)] == ["schema", "rows", "rows"]


@pytest.mark.parametrize(
    "broken",
    [[CUT_SHORT], [SCHEMA, CUT_SHORT], [SCHEMA, CUT_SHORT, ROWS], [ROWS, CUT_SHORT], [ROWS, CUT_SHORT, ROWS]],
)
def test_a_query_is_asked_once_more(broken: list[bytes]) -> None:
    with serving(broken, [SCHEMA, ROWS]) as stub:
        assert [one.response_id for one in stub.ExecutePlan(QUERY)] == ["schema", "rows"]


def test_a_question_is_asked_once_more() -> None:
    with serving([KNOWN[:-1]], [KNOWN]) as stub:
        assert stub.AnalyzePlan(AnalyzePlanRequest()).spark_version.version == "4"


@pytest.mark.parametrize(
    ("request_", "answers"),
    [(QUERY, [[CUT_SHORT], [ROWS, CUT_SHORT]]), (COMMAND, [[CUT_SHORT]])],
    ids=["a query twice", "a command"],
)
def test_where_it_cannot_be_asked_again_it_is_an_error(
    request_: ExecutePlanRequest, answers: list[list[bytes]]
) -> None:
    with serving(*answers) as stub, pytest.raises(SparkConnectException, match="could not be read"):
        list(stub.ExecutePlan(request_))


def test_a_question_whose_answer_cannot_be_read_twice_is_an_error() -> None:
    with (
        serving([KNOWN[:-1]], [KNOWN[:-1]]) as stub,
        pytest.raises(SparkConnectException, match="could not be read"),
    ):
        stub.AnalyzePlan(AnalyzePlanRequest())


def test_a_setting_is_asked_for_once_until_it_is_changed() -> None:
    # A session that nobody holds is closed.
    session = sail.new_session()
    conf = session.conf
    assert [conf.get("shop.name", "none") for _ in range(2)] == ["none", "none"]
    conf.set("shop.name", "olist")
    assert conf.get("shop.name", "none") == "olist"
    conf.unset("shop.name")
    assert conf.get("shop.name", "none") == "none"


def config(**operation: Any) -> ConfigRequest:
    return ConfigRequest(session_id="one", operation=ConfigRequest.Operation(**operation))


GET = config(get=ConfigRequest.Get(keys=["shop.name"]))
CHANGES = [
    config(set=ConfigRequest.Set()),
    config(unset=ConfigRequest.Unset()),
    ExecutePlanRequest(plan=Plan(command=Command(sql_command=SqlCommand()))),
]


@pytest.mark.parametrize("change", CHANGES, ids=["set", "unset", "SQL"])
def test_what_may_change_a_setting_has_it_asked_for_again(change: Any) -> None:
    asked = iter(range(10))
    settings = KeptSettings()

    def answer(request: Any) -> int:
        return settings.answer(request, lambda: next(asked))

    others = config(get=ConfigRequest.Get(keys=["shop.other"]))
    assert [answer(one) for one in (GET, GET, others, QUERY, GET, others)] == [0, 0, 1, 2, 0, 1]
    assert [answer(one) for one in (change, GET, GET)] == [3, 4, 4]


def test_what_was_asked_before_a_change_is_not_kept_after_it() -> None:
    settings = KeptSettings()

    def changed_meanwhile() -> str:
        settings.answer(CHANGES[0], lambda: None)
        return "before"

    assert settings.answer(GET, changed_meanwhile) == "before"
    assert settings.answer(GET, lambda: "after") == "after"
