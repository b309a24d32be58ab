"""The search for drift: read, compare, merge, ignore, order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from common.errors import UserError
from infra.drift import commands
from infra.drift.compare.alerts import compare_alerts
from infra.drift.compare.contract import compare_contract
from infra.drift.compare.dashboards import compare_dashboards
from infra.drift.compare.files import compare_files
from infra.drift.compare.grants import compare_grants, sees_no_grant
from infra.drift.compare.members import compare_members
from infra.drift.compare.permissions import compare_permissions
from infra.drift.compare.policies import compare_policies
from infra.drift.compare.securables import compare_securables
from infra.drift.compare.tags import compare_tags
from infra.drift.compare.work import compare_work
from infra.drift.declared import Declared, read_stack
from infra.drift.findings import DECLARED, Finding, ordered
from infra.drift.ignore import IgnoreRule, apply_rules
from infra.drift.plan import merge_plan
from infra.drift.reading.calls import Calls
from infra.drift.reading.lookups import read_lookups
from infra.drift.reading.snapshot import Snapshot
from infra.drift.reading.workspace import read_snapshot
from infra.stack.environments import find_environment
from infra.stack.identities import identities
from infra.stack.settings import Environment
from infra.stack.synthesis import load_stack, synthesize
from pipelines.schemas import TABLES
from pipelines.schemas.model import Table

SHOWN = 6
IMPORTED = {"schema": "schema", "volume": "volume"}


@dataclass(frozen=True)
class SynthesizedStack:
    """A synthesized stack: its environment's name, the parsed `cdk.tf.json` and the folder with its assets."""

    environment: str
    configuration: Mapping[str, Any]
    folder: Path


def synthesized(environment: Environment, output: Path) -> SynthesizedStack:
    """The stack of `environment` as the checkout declares it, written below `output`."""
    folder = synthesize(environment, output)
    return SynthesizedStack(environment.name, load_stack(folder), folder)


def find_drift(
    calls: Calls,
    stack: SynthesizedStack,
    *,
    plan: Mapping[str, Any] | None = None,
    rules: Iterable[IgnoreRule] = (),
    today: date | None = None,
    contract: Iterable[Table] = TABLES,
) -> list[Finding]:
    """Every difference between `stack` with `contract`'s tables and the workspace, the worst first.

    UserError when the workspace cannot be read whole, or holds only part of the stack.
    """
    declared = read_stack(stack.configuration, read_lookups(calls, stack.configuration))
    known = list(identities(find_environment(stack.environment)))
    snapshot = read_snapshot(calls, declared, [one.group for one in known])
    if sees_no_grant(declared, snapshot):
        raise UserError(
            f"missing right on {calls.host} to see the catalog's grants; see docs/drift.md#rights"
        )
    findings = compare(declared, snapshot, stack.folder, contract)
    findings += compare_members(known, snapshot)
    _must_be_deployed(findings, declared, snapshot, f"lakehouse-{stack.environment}", calls.host)
    if plan is not None:
        findings = merge_plan(findings, plan, declared)
    advised = [_advised(finding, stack.environment) for finding in findings]
    return ordered(apply_rules(advised, rules, today or date.today()))


def compare(
    declared: Declared, snapshot: Snapshot, stack_folder: Path, contract: Iterable[Table]
) -> list[Finding]:
    """All comparisons of what is declared with a snapshot."""
    return [
        *compare_securables(declared, snapshot),
        *compare_grants(declared, snapshot),
        *compare_policies(snapshot),
        *compare_tags(declared, snapshot),
        *compare_files(declared, snapshot, stack_folder),
        *compare_work(declared, snapshot),
        *compare_alerts(declared, snapshot),
        *compare_dashboards(declared, snapshot),
        *compare_permissions(declared, snapshot),
        *compare_contract(declared, snapshot, contract),
    ]


def _must_be_deployed(
    findings: Iterable[Finding], declared: Declared, snapshot: Snapshot, stack: str, host: str
) -> None:
    """Terraform makes the job last: without it and something else, the deployment never ended."""
    missing = [one for one in findings if one.expected == DECLARED and not one.field and one.kind != "table"]
    if declared.main_job.address in snapshot.work.found or len(missing) < 2:
        return
    if snapshot.unity.catalog is None and not snapshot.code.objects and not snapshot.work.found:
        raise UserError(f"{stack} is not deployed on {host}, or what it holds is hidden from you")
    names = [f"{one.kind} {one.object}" for one in missing]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    raise UserError(
        f"{stack} is half deployed on {host}: {', '.join(names[:SHOWN])}{more} missing; deploy it first"
    )


def _advised(finding: Finding, environment: str) -> Finding:
    """The finding with the way back: an apply where that is enough, the exact command elsewhere."""
    if finding.terraform.heals:
        return replace(finding, fix=commands.deploy_command(environment))
    if not finding.by_hand:
        return replace(finding, fix=commands.terraform_replace(environment, finding.address))
    if finding.kind in IMPORTED and finding.expected is None and not finding.field:
        name = finding.object.rpartition(".")[2]
        address = f"databricks_{finding.kind}.{finding.kind}_{name}"
        kept = f"declare it and run {commands.terraform_import(environment, address, finding.object)}"
        return replace(finding, fix=f"{finding.by_hand}; or, to keep it, {kept}")
    return replace(finding, fix=finding.by_hand)
