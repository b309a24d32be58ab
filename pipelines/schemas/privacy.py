"""Privacy: who was erased, told by digests, and which columns lead to a person."""

from pipelines.schemas.model import Column, Table

ERASURES = Table(
    "privacy.erasures",
    "By which ids a person who was erased is known, should an old file be delivered again",
    ("request_id", "digest"),
    (
        Column("request_id", "STRING", "Name of the request"),
        Column("requested_at", "TIMESTAMP", "When it was made, UTC"),
        Column("reason", "STRING", "What whoever made it wrote; null when nothing"),
        Column("digest", "STRING", "SHA-256 of an id of the person, an order or a review, in lower case"),
    ),
)

TABLES = (ERASURES,)

# What leads to a person. An order is of one person, and so are its items, payments and reviews; a review that tells
# of several orders is the text of one.
ID_COLUMNS = ("customer_unique_id", "customer_id", "order_id", "review_id")
# What holds whole lines.
TEXT_COLUMNS = ("_rescued_data", "_corrupt_record", "record")
ID_IN_TEXT = "[0-9a-f]{32}"


def id_columns(table: Table) -> list[str]:
    """The columns of a table by which a row of an erased person is known."""
    return [name for name in table.column_names if name in ID_COLUMNS]


def text_columns(table: Table) -> list[str]:
    """The columns of a table in which such an id may stand among other text."""
    return [name for name in table.column_names if name in TEXT_COLUMNS]
