"""What a session asks of a query's text: what it reads, and the text that an engine is given."""

from local.engine.language.sql.edits import FieldsOf
from local.engine.language.sql.queries.for_sail import for_sail
from local.engine.language.sql.queries.references import Files, Reference, bind, references
from local.engine.language.sql.queries.with_types import with_types

__all__ = ["FieldsOf", "Files", "Reference", "bind", "for_sail", "references", "with_types"]
