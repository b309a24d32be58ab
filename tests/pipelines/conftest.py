import os
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.pipelines.recorder import DATASET_FILES, Declared, record

# Dataset files make columns while they are imported, and Spark must know then that it is Spark Connect; set for
# longer, it would keep the engine from starting its server.
with patch.dict(os.environ, SPARK_CONNECT_MODE_ENABLED="1"):
    _DECLARED = {path: record(path) for path in DATASET_FILES}


@pytest.fixture(scope="session")
def declared() -> dict[Path, Declared]:
    """What each dataset file declares."""
    return _DECLARED
