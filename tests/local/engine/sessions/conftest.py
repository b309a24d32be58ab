"""Sessions to compare: Spark, Sail as it is used, and Sail as it is."""

from typing import Any

import pytest
from pyspark.sql import SparkSession

from common.errors import UserError
from local.engine.sessions import sail as sail_server
from local.engine.sessions import spark as spark_server
from local.engine.sessions.client import ready


@pytest.fixture(scope="session")
def apache_spark() -> SparkSession:
    try:
        return spark_server.new_session()
    except UserError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def bare_sail() -> Any:
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    return ready(ConnectSession(f"sc://{sail_server.channel().endpoint}"))
