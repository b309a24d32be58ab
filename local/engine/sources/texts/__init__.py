"""Files of text: CSV and JSON, and how they write values."""
