"""Events in the shapes that others read: POLECAT's table, and counts of directed dyads per period."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import IO, BinaryIO, Literal, cast

import numpy as np

from kg import __version__
from kg.actors import load_actors
from kg.errors import InputError
from kg.events.files import layouts
from kg.model import Document, Statement
from kg.ontology import Relation, load_ontology
from kg.store import Graph
from kg.views.selection import Ends, prepare
from kg.views.table import Table

Period = Literal["day", "week", "month", "quarter", "year"]
PERIODS: tuple[Period, ...] = ("day", "week", "month", "quarter", "year")

_QUADS = ("verbal cooperation", "material cooperation", "verbal conflict", "material conflict")
_MORE = ("Sentence", "URL")


def write_polecat(graph: Graph, out: IO[bytes]) -> int:
    """The acts of a graph as a tab-separated table with POLECAT's 40 columns, and two more; counts rows.

    POLECAT knows no denied, alleged or planned acts, so that only affirmed and actual ones are written, and
    no states of affairs (`kg view states` writes these). `Intensity` is the severity of the relation, below
    0 for conflict; `Quad Code` runs from 1, verbal cooperation, to 4, material conflict. What is not known is
    "None". The columns `Sentence` and `URL` stand behind all others. `kg import --format polecat` reads it.
    """
    columns = [*layouts()["polecat"]["columns"], *_MORE]
    text = io.TextIOWrapper(cast("BinaryIO", out), encoding="utf-8", newline="")
    writer = csv.writer(text, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None)
    writer.writerow(columns)
    count = 0
    for document in graph.documents():
        for stmt in graph.statements(document.id):
            row = _polecat(stmt, document)
            if row is not None:
                writer.writerow([_one_line(row.get(name)) for name in columns])
                count += 1
    text.detach()
    return count


def _one_line(value: object) -> str:
    return " ".join(str(value).split()) if value not in (None, "") else "None"


def _polecat(stmt: Statement, document: Document) -> dict[str, object] | None:
    relation = load_ontology().relations[stmt.relation]
    day = stmt.when.start if stmt.when else document.published
    if not stmt.is_plain or relation.kind != "event" or not relation.plover or day is None:
        return None
    sign = -1 if relation.axis == "conflict" else 1
    row: dict[str, object] = {
        "Event ID": stmt.id,
        "Event Date": day,
        "Event Type": relation.plover[0],
        "Intensity": f"{sign * (relation.severity or 0.0):g}",
        "Quad Code": _quad(relation) or None,
        "Placename": stmt.place,
        "Raw Placename": stmt.place,
        "Source": document.source,
        "Publication Date": document.published,
        "Language": document.language,
        "Version": f"kg {__version__}",
        "Sentence": stmt.evidence[0].sentence,
        "URL": document.url,
    }
    for side, code, agents in (
        ("Actor", stmt.source, stmt.source_agents),
        ("Recipient", stmt.target, stmt.target_agents),
    ):
        actor = load_actors().actors.get(code)
        sector = {"REB": "REB", "OPP": "OPP"}.get(code.rpartition("-")[2])
        kind = load_actors().kind(code)
        row |= {
            f"{side} Name": actor.name if actor else code,
            f"{side} Country": code.partition("-")[0] if kind == "state" or sector else None,
            f"{side} COW": actor.cow if actor else None,
            f"Primary {side} Sector": sector or {"state": "GOV", "organisation": "IGO"}.get(kind, "REB"),
            f"{side} Name Raw": "; ".join(agents) or (actor.name if actor else code),
        }
    return row


def _quad(relation: Relation) -> int:
    """1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict; 0 for none."""
    return _QUADS.index(relation.quad) + 1 if relation.quad in _QUADS else 0


def dyad_rows(
    table: Table,
    *,
    period: Period = "year",
    since: date | None = None,
    until: date | None = None,
    actors: Ends = "states",
) -> Iterator[dict[str, object]]:
    """Counts of a directed dyad in a period, in order of period, source and target; silent ones have no row.

    Columns: first day of the `period`; source and target with their Correlates of War codes (empty where an
    actor has none); `n`, counts on both axes (`n_conflict`, `n_coop`) and of the four quad classes (`vcp`,
    `mcp`, `vcf`, `mcf`); sums of severity points on either axis; a count for every type of act. Acts count
    once a day (see `views.sums.aggregate`); an act without direction, such as a meeting, stands on both.
    """
    if period not in PERIODS:
        raise InputError(f"there is no period {period!r}; choose one of {', '.join(PERIODS)}")
    pairs = prepare(table, None, {"since": since, "until": until, "actors": actors}, neutral=True)
    cow = {code: actor.cow for code, actor in load_actors().actors.items()}
    names, relations = pairs.table.actors, pairs.table.relations
    symmetric = np.array([relation.symmetric for relation in relations], dtype=bool)
    both = symmetric[pairs.record_relation] if len(relations) else np.zeros(0, dtype=bool)
    source = np.concatenate([pairs.record_source, pairs.record_target[both]])
    target = np.concatenate([pairs.record_target, pairs.record_source[both]])
    kind = np.concatenate([pairs.record_relation, pairs.record_relation[both]])
    days = np.concatenate([pairs.record_day, pairs.record_day[both]])
    first = {day: _begin(date.fromordinal(day), period) for day in np.unique(days).tolist()}
    found: dict[tuple[date, int, int], dict[int, int]] = {}
    for a, b, r, day in zip(source.tolist(), target.tolist(), kind.tolist(), days.tolist(), strict=True):
        counts = found.setdefault((first[day], a, b), {})
        counts[r] = counts.get(r, 0) + 1
    for (begin, a, b), counts in sorted(found.items()):
        yield {
            "period": begin.isoformat(),
            "source": names[a],
            "target": names[b],
            "source_cow": cow.get(names[a]),
            "target_cow": cow.get(names[b]),
            "n": sum(counts.values()),
            **_sums(relations, counts),
            **{f"n_{relation.name}": 0 for relation in load_ontology().events},
            **{f"n_{relations[r].name}": n for r, n in sorted(counts.items())},
        }


def _sums(relations: tuple[Relation, ...], counts: dict[int, int]) -> dict[str, object]:
    axes: dict[str, int] = {"conflict": 0, "cooperation": 0}
    points: dict[str, float] = {"conflict": 0.0, "cooperation": 0.0}
    quads = [0] * 5
    for r, n in counts.items():
        relation = relations[r]
        quads[_quad(relation)] += n
        if relation.axis:
            axes[relation.axis] += n
            points[relation.axis] += n * (relation.severity or 0.0)
    return {
        "n_conflict": axes["conflict"],
        "n_coop": axes["cooperation"],
        **dict(zip(("vcp", "mcp", "vcf", "mcf"), quads[1:], strict=True)),
        "severity_conflict": round(points["conflict"], 2),
        "severity_coop": round(points["cooperation"], 2),
    }


def _begin(day: date, period: Period) -> date:
    """First day of the period in which a day lies; weeks begin on Monday."""
    if period == "week":
        return date.fromordinal(day.toordinal() - day.weekday())
    month = {"year": 1, "quarter": day.month - (day.month - 1) % 3}.get(period, day.month)
    return date(day.year, month, day.day if period == "day" else 1)


def write_dyads(table: Table, out: IO[bytes], **options: object) -> int:
    """`dyad_rows` as comma-separated text with a header line; counts rows."""
    rows = list(dyad_rows(table, **options))  # type: ignore[arg-type]
    text = io.TextIOWrapper(cast("BinaryIO", out), encoding="utf-8", newline="")
    names = list(rows[0]) if rows else ["period", "source", "target", "source_cow", "target_cow", "n"]
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    text.detach()
    return len(rows)
