"""A synthesized stack as one sorted line a resource: what `make golden` writes and a reviewer reads.

Uploaded files and their folders are one line each for all of them: a new dataset changes no golden.
"""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from common.checkout import REPOSITORY
from common.home import HOME_VARIABLE
from infra.review.fields import flatten
from infra.stack.environments import BUILDERS, find_environment
from infra.stack.synthesis import load_stack, synthesize_all

GOLDEN = REPOSITORY / "tests" / "infra" / "golden"
UPLOADS = {"databricks_workspace_file": "file_*", "databricks_directory": "dir_*"}
REFERENCE = re.compile(r"\$\{databricks_(\w+)\.(\w+)\.(\w+)\}")


def inventory(stack: Mapping[str, Any]) -> str:
    """The parsed `cdk.tf.json` as text: settings, data sources and resources with all that they declare."""
    lines = {_line("terraform", stack["terraform"]), *_provider(stack)}
    lines |= {_line(f"local.{name}", {"value": value}) for name, value in stack.get("locals", {}).items()}
    lines |= {_line(f"output.{name}", values) for name, values in stack.get("output", {}).items()}
    for prefix, section in (("data.", "data"), ("", "resource")):
        for kind, resources in stack.get(section, {}).items():
            lines |= {_resource(f"{prefix}{kind}", name, values) for name, values in resources.items()}
    return "\n".join(sorted(lines)) + "\n"


def write_golden(folder: Path = GOLDEN) -> None:
    """Write `<environment>.txt` for every environment into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.pop(HOME_VARIABLE, None)
    with TemporaryDirectory() as output:
        stacks = synthesize_all([find_environment(name) for name in BUILDERS], Path(output))
        for name, stack in stacks.items():
            (folder / f"{name}.txt").write_text(inventory(load_stack(stack)))


def _provider(stack: Mapping[str, Any]) -> Iterator[str]:
    for kind, blocks in stack["provider"].items():
        yield from (_line(f"provider.{kind}", block) for block in blocks)


def _resource(kind: str, name: str, values: Mapping[str, Any]) -> str:
    pattern = UPLOADS.get(kind)
    if kind == "databricks_dashboard":
        # Its text is a file of the checkout, which a reviewer reads there.
        return _line(f"{kind}.{name}", {**values, "serialized_dashboard": "the text of its file"})
    if pattern is None or not name.startswith(pattern.removesuffix("*")):
        return _line(f"{kind}.{name}", values)
    declared = ", ".join(sorted(key for key in values if key != "//"))
    return f"{kind}.{pattern} one for each in pipelines/ and generator/, with {declared}"


def _line(address: str, values: Mapping[str, Any]) -> str:
    declared = {key: _with_blanks(value) for key, value in values.items() if key != "//"}
    fields = sorted(flatten(declared, prefix=" ").items())
    return address + "".join(f"{path}={_text(value)}" for path, value in fields)


def _with_blanks(value: Any) -> Any:
    """`value` with each empty text in quotes: `flatten` leaves out what is empty, but a text is there to be read."""
    if isinstance(value, dict):
        return {key: _with_blanks(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_blanks(item) for item in value]
    return '""' if value == "" else value


def _text(value: Any) -> str:
    """A value on one line; references in short, `<schema.schema_gold.name>`."""
    text = ",".join(value) if isinstance(value, tuple) else str(value)
    if isinstance(value, bool):
        text = text.lower()
    return REFERENCE.sub(r"<\1.\2.\3>", " ".join(text.split()))


if __name__ == "__main__":
    write_golden(*map(Path, sys.argv[1:]))
