"""docs/local-workspace.md lists what is enforced, as the table has it."""

from common.checkout import REPOSITORY
from local.workspace.http.authorization import OPERATIONS
from local.workspace.rights.operations import Operation

PAGE = REPOSITORY / "docs" / "local-workspace.md"


def line_of(operation: Operation) -> str:
    rows = f"; shown: {operation.rows.need}" if operation.rows else ""
    return f"* {operation.name}: {operation.need}{rows}"


def test_the_page_lists_every_operation_with_what_it_needs() -> None:
    text = " ".join(PAGE.read_text().split())
    assert [line_of(one) for one in OPERATIONS if line_of(one) not in text] == []
