"""Lists in pages that are written from the code."""

import textwrap

LINE_WIDTH = 120


def wrapped_item(item: str) -> str:
    """An item of a Markdown list, in lines of LINE_WIDTH characters at most."""
    return textwrap.fill(
        f"- {item}", LINE_WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
