"""SARIF 2.1.0, the form in which code scanning takes findings: https://docs.oasis-open.org/sarif/sarif/v2.1.0/."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif_log(
    tool: str, category: str, rules: Mapping[str, str], results: Sequence[Mapping[str, Any]]
) -> str:
    """The log of one run: `category` tells it from other runs, `rules` maps each rule's id to what it means."""
    descriptions = [{"id": rule, "shortDescription": {"text": text}} for rule, text in rules.items()]
    run = {
        "tool": {"driver": {"name": tool, "rules": descriptions}},
        "automationDetails": {"id": category},
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def sarif_result(
    rule: str, level: str, message: str, uri: str, line: int, fingerprint: tuple[str, str]
) -> dict[str, Any]:
    """One finding at a line of a file; `fingerprint` is its kind, and the text by which it is the same another time."""
    kind, identity = fingerprint
    place = {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": message},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {kind: hashlib.sha256(identity.encode()).hexdigest()},
    }
