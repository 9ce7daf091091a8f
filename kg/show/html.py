"""HTML for notebooks and pages: tables, articles with their statements marked, statement cards.

Everything that comes from a text is escaped. Styles stand in the elements themselves: a fragment looks the
same in Jupyter, in a page and in a saved file; no script and nothing from the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape
from itertools import pairwise
from typing import Any

from kg.model import Document, Evidence, Mention, Span, Statement
from kg.ontology import load_ontology
from kg.show.style import ENGAGEMENT, INK, LINE, QUIET, TENSION

_FONT = f"font-family:system-ui,'Segoe UI',sans-serif;color:{INK};background:#fff"
_TINTS = {"conflict": (TENSION, "#fbe9e7"), "cooperation": (ENGAGEMENT, "#e3eef8"), None: (QUIET, "#f0f1f3")}
_ROWS = 60


def table(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    caption: str = "",
    note: str = "",
    limit: int = _ROWS,
) -> str:
    """Rows as an HTML table; more than `limit` rows are cut, and the note says so."""
    cell = f"padding:3px 9px;border-bottom:1px solid {LINE};white-space:nowrap"
    header = "".join(
        f'<th style="{cell};text-align:{_align(rows, column)};color:{QUIET};font-weight:600">'
        f"{escape(column.replace('_', ' '))}</th>"
        for column in columns
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="{cell};text-align:{_align(rows, column)}">{escape(_text(row.get(column)))}</td>'
            for column in columns
        )
        + "</tr>"
        for row in rows[:limit]
    )
    if len(rows) > limit:
        note = f"the first {limit} of {len(rows)} rows. {note}"
    return (
        f'<div style="{_FONT};font-size:13px;overflow-x:auto;max-width:100%;padding:4px">'
        + (
            f'<div style="font-weight:700;font-size:15px;padding:4px 9px">{escape(caption)}</div>'
            if caption
            else ""
        )
        + f'<table style="border-collapse:collapse;font-variant-numeric:tabular-nums">'
        f"<thead><tr>{header}</tr></thead><tbody>{body}</tbody></table>"
        + (f'<div style="color:{QUIET};font-size:11px;padding:5px 9px">{escape(note)}</div>' if note else "")
        + "</div>"
    )


def _align(rows: Sequence[Mapping[str, Any]], column: str) -> str:
    first = next((row[column] for row in rows if row.get(column) is not None), "")
    return "right" if isinstance(first, (int, float)) and not isinstance(first, bool) else "left"


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value))
    return str(value)


def highlight(
    document: Document, mentions: Iterable[Mention] = (), statements: Iterable[Statement] = ()
) -> str:
    """An article with its actors boxed and the words of its statements underlined, and what they say below.

    Actors carry their code; an underline is red for conflict, blue for cooperation, grey for other relations,
    and dashed where the statement is not affirmed and actual. Numbers lead to the list below the text.
    Statements of other documents are left out. Overlapping marks are cut at each other's ends.
    """
    told = sorted(
        (
            (evidence, stmt)
            for stmt in statements
            for evidence in stmt.evidence
            if evidence.document == document.id
        ),
        key=lambda item: (item[0].span.start, item[0].span.end, item[1].id),
    )
    numbers: dict[str, int] = {}
    for _, stmt in told:
        numbers.setdefault(stmt.id, len(numbers) + 1)
    named = sorted(mentions, key=lambda m: (m.span.start, -m.span.end, m.actor))
    pieces = _pieces(document.text, [e.span for e, _ in told], [m.span for m in named])
    out: list[str] = []
    for start, end in pieces:
        piece = escape(document.text[start:end]).replace("\n", "<br>")
        covering = [stmt for e, stmt in told if e.span.start <= start and end <= e.span.end]
        actor = next((m for m in named if m.span.start <= start and end <= m.span.end), None)
        if actor is not None:
            last = end == actor.span.end
            code = f'<sub style="color:{QUIET};font-size:9px"> {escape(actor.actor)}</sub>' if last else ""
            title = escape(f"{actor.agent or actor.text}: {actor.why}", quote=True)
            piece = f'<span title="{title}" style="background:#f3f1e7;border-radius:3px">{piece}{code}</span>'
        if covering:
            shown = max(covering, key=lambda stmt: (stmt.is_plain, -numbers[stmt.id]))
            colour, tint = _tint(shown)
            line = "solid" if shown.is_plain else "dashed"
            title = escape("; ".join(str(stmt) for stmt in covering), quote=True)
            piece = (
                f'<mark title="{title}" style="background:{tint};color:inherit;'
                f'border-bottom:2px {line} {colour}">{piece}</mark>'
            )
        ended = sorted({numbers[stmt.id] for e, stmt in told if e.span.end == end})
        out.append(piece)
        if ended:
            out.append(f'<sup style="color:{QUIET};font-size:10px">{",".join(map(str, ended))}</sup>')
    listed = {stmt.id: stmt for _, stmt in told}
    legend = "".join(
        f'<div><span style="color:{QUIET}">{number}</span> {_line(listed[identifier])}</div>'
        for identifier, number in numbers.items()
    )
    title = escape(document.title or document.id)
    when = document.published.isoformat() if document.published else "no date"
    return (
        f'<article style="{_FONT};font-size:14px;line-height:1.65;max-width:54em;padding:6px 10px">'
        f'<div style="font-weight:700;font-size:17px">{title}</div>'
        f'<div style="color:{QUIET};font-size:12px;margin-bottom:6px">{escape(when)}</div>'
        f"<div>{''.join(out)}</div>"
        f'<div style="border-top:1px solid {LINE};margin-top:8px;padding-top:6px;font-size:12.5px;'
        f'column-width:22em">{legend}</div></article>'
    )


def _pieces(text: str, *groups: Sequence[Span]) -> list[tuple[int, int]]:
    """The text cut wherever a span begins or ends; nothing is lost and nothing doubled."""
    cuts = {0, len(text)}
    for spans in groups:
        for span in spans:
            cuts.update((min(span.start, len(text)), min(span.end, len(text))))
    order = sorted(cuts)
    return list(pairwise(order))


def _tint(stmt: Statement) -> tuple[str, str]:
    relation = load_ontology().relations.get(stmt.relation)
    return _TINTS[relation.axis if relation else None]


def _line(stmt: Statement) -> str:
    """Source, relation, target and what qualifies them, as one line of HTML."""
    colour, _ = _tint(stmt)
    says = escape(stmt.relation.replace("_", " "))
    if stmt.polarity == "-":
        says = f"not {says}"
    marks = [
        part
        for part in (
            stmt.status if stmt.status != "actual" else "",
            stmt.when.first if stmt.when else "",
            f"says {stmt.speaker}" if stmt.speaker else "",
        )
        if part
    ]
    tail = f' <span style="color:{QUIET}">{escape(", ".join(marks))}</span>' if marks else ""
    source, target = escape(stmt.source), escape(stmt.target)
    return f'<b>{source}</b> <span style="color:{colour}">{says}</span> <b>{target}</b>{tail}'


def marked(sentence: str, start: int, end: int, *, colour: str = "#fff3bf") -> str:
    """A sentence with the characters [start, end) highlighted; escaped."""
    return (
        f'{escape(sentence[:start])}<mark style="background:{colour};color:inherit">'
        f"{escape(sentence[start:end])}</mark>{escape(sentence[end:])}"
    )


def quote_in_sentence(evidence: Evidence, text: str | None = None) -> Span:
    """Where the quotation stands in its sentence; with the text, the right one of two equal ones."""
    if text is not None:
        begin = text.rfind(evidence.sentence, 0, evidence.span.start + len(evidence.sentence))
        offset = evidence.span.start - begin
        if begin >= 0 and evidence.sentence[offset : offset + len(evidence.quote)] == evidence.quote:
            return Span(offset, offset + len(evidence.quote))
    found = evidence.sentence.find(evidence.quote)
    return Span(found, found + len(evidence.quote)) if found >= 0 else Span(0, 0)


def _cut(rule: str, longest: int = 90) -> str:
    """A rule's name; patterns with many alternatives are cut."""
    return rule if len(rule) <= longest else rule[: longest - 1].rstrip("|") + "…"


def card(stmt: Statement, document: Document | None = None) -> str:
    """One statement with everything known about it, and the sentences that it rests on."""
    colour, _ = _tint(stmt)
    facts = [
        ("status", stmt.status + (", denied" if stmt.polarity == "-" else "")),
        ("when", f"{stmt.when.first} to {stmt.when.last}" if stmt.when and stmt.when.last else
         stmt.when.first if stmt.when else None),
        ("where", stmt.place),
        ("speaker", stmt.speaker),
        ("by", "; ".join(stmt.source_agents) or None),
        ("towards", "; ".join(stmt.target_agents) or None),
        ("confidence", f"{stmt.confidence:.2f}"),
        ("id", stmt.id),
    ]  # fmt: skip
    details = "".join(
        f'<span style="margin-right:1.2em"><span style="color:{QUIET}">{name}</span> {escape(value)}</span>'
        for name, value in facts
        if value
    )
    quotes = []
    for evidence in stmt.evidence:
        spot = quote_in_sentence(evidence, document.text if document else None)
        origin = f"{document.title or document.id}" if document else evidence.document
        quotes.append(
            f'<blockquote style="margin:6px 0 2px;padding-left:9px;border-left:2px solid {LINE}">'
            f"{marked(evidence.sentence, spot.start, spot.end)}"
            f'<div style="color:{QUIET};font-size:11px">{escape(origin)}, '
            f"characters {evidence.span.start} to {evidence.span.end}; "
            f"rule {escape(_cut(evidence.rule))}</div>"
            "</blockquote>"
        )
    return (
        f'<div style="{_FONT};font-size:13px;max-width:50em;border:1px solid {LINE};'
        f'border-left:4px solid {colour};border-radius:4px;padding:8px 12px;margin:6px 0">'
        f'<div style="font-size:15px">{_line(stmt)}</div>'
        f'<div style="font-size:12px;margin-top:2px">{details}</div>{"".join(quotes)}</div>'
    )
