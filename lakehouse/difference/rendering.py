"""A report for a terminal, a pull request, a program or a browser."""

import json
from collections.abc import Callable, Mapping
from html import escape

from common.markdown import code, code_cell, plain
from lakehouse.difference.report import ChartChange, Report
from lakehouse.difference.words import detail_lines, headline, sections, table_words

# What GitHub takes of a comment is 65,536 characters, and there is more in it than this.
MOST_MARKDOWN = 20_000
STYLE = """
:root { --surface: #fff; --soft: #58626b; --line: #e2e3de; --c1: #2f6ea5; --c2: #d08a35; --c3: #3f8f6b; --c4: #a8507a;
--c5: #7462b3; --c6: #86792a; --c7: #4a9aa8; --c8: #b5543f }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem } .sides svg { max-width: 100%; height: auto }
h3 { font-size: 0.95rem; margin: 1rem 0 0.2rem }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { font-size: 1.1rem; margin: 1.5rem 0 0.3rem } h2 small { font-weight: normal; color: #555 }
li { overflow-wrap: anywhere } table { border-collapse: collapse } td, th { padding: 0.2rem 0.8rem 0.2rem 0;
text-align: left; border-bottom: 1px solid #ddd } @media (prefers-color-scheme: dark) { body { background: #111;
color: #ddd } :root { --surface: #111; --soft: #a4aeb6; --line: #2f363b } h2 small { color: #aaa }
td, th { border-color: #333 } }
"""


def as_text(report: Report) -> str:
    """Lines for a terminal."""
    lines = [headline(report)]
    for change in report.tables:
        lines += [f"{change.table}: {table_words(change)}", *(f"  {line}" for line in detail_lines(change))]
    for title, told in sections(report):
        lines += [f"{title}:", *(f"  {line}" for line in told)]
    return "\n".join(lines) + "\n"


def as_markdown(report: Report) -> str:
    """A section of a pull request's comment; details are folded away, and cut where they grow too long."""
    lines = ["### Data", "", plain(headline(report))]
    for title, told in sections(report):
        lines += ["", f"**{title}**", "", *(f"* {plain(line)}" for line in told)]
    if report.tables:
        lines += ["", "| table | what changed |", "|---|---|"]
        lines += [f"| {code_cell(change.table)} | {plain(table_words(change))} |" for change in report.tables]
    folded = ["", "<details><summary>Columns, examples and figures</summary>", ""]
    for change in report.tables:
        details = [f"  * {plain(line)}" for line in detail_lines(change)]
        folded += [f"* {code(change.table)}", *details] if details else []
    told = _cut(lines, MOST_MARKDOWN // 2)
    if len(folded) > 3:
        told += [*_cut(folded, MOST_MARKDOWN // 2), "", "</details>"]
    return "\n".join(told) + "\n"


def _cut(lines: list[str], most: int) -> list[str]:
    kept, size = [], 0
    for number, line in enumerate(lines):
        size += len(line) + 1
        if size > most:
            return [*kept, f"* and {len(lines) - number} lines more: see the report"]
        kept.append(line)
    return kept


def as_json(report: Report) -> str:
    """Everything, as report.Report has it."""
    return json.dumps(report.as_dict(), indent=2, ensure_ascii=False) + "\n"


def as_html(report: Report) -> str:
    """A page of its own, which needs nothing else."""
    parts = [f"<h1>What the change does to the data</h1><p>{escape(headline(report))}</p>"]
    for title, told in sections(report):
        parts.append(f"<h2>{title}</h2>{_list(told)}")
    if report.charts:
        parts.append(f"<h2>Charts before and after</h2>{''.join(map(_charts, report.charts))}")
    for change in report.tables:
        what = f"{escape(change.table)} <small>{escape(table_words(change))}</small>"
        figures = "".join(
            f"<tr><td>{escape(one.column)}</td><td>{escape(one.before)}</td><td>{escape(one.after)}</td></tr>"
            for one in change.figures
        )
        table = f"<table><tr><th>figure<th>before<th>after</tr>{figures}</table>" if figures else ""
        lines = list(detail_lines(change))[: -len(change.figures) or None]
        parts.append(f"<h2>{what}</h2>{table}{_list(lines)}")
    head = f'<meta charset="utf-8"><title>Data</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _charts(change: ChartChange) -> str:
    """Both sides of a chart, whose texts Vega has escaped."""
    sides = (("before", change.before), ("after", change.after))
    drawn = "".join(f"<div><small>{side}</small>{svg}</div>" for side, svg in sides)
    return f'<h3>{escape(change.title)}</h3><div class="sides">{drawn}</div>'


def _list(lines: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>" if lines else ""


RENDER: Mapping[str, Callable[[Report], str]] = {
    "terminal": as_text,
    "markdown": as_markdown,
    "json": as_json,
    "html": as_html,
}
