"""How fast views are made of many events: rows in a table to the tension and engagement graphs.

    python tests/benchmarks/views.py [--rows 500000] [--large 5000000]

Each way runs in a process of its own, over the same synthetic events: 200 states, busy ones more often, seven
years. `kg` makes both graphs with intervals, priors and the statements behind every edge; the others only add
up severity per pair and axis and make the two networkx graphs, without a prior or anything to open: what
kg does more is its handicap. rdflib gets four triples an event, and a tenth of the rows at most 50,000, since
it would take minutes. pandas, DuckDB and rdflib are not needed by kg (extra `test`).

The time is that of the work after loading: processor time, the best of three, so that other work of the
machine does not count. The memory is the highest of the process, loading included.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

STATES, DAYS, FIRST = 200, 7 * 365, 735_234  # from 2014-01-01
SPARQL_ROWS = 50_000


def make(rows: int, folder: Path) -> None:
    """The events as a store with a table, as kg imports them, and as a CSV file."""
    from kg.events.tables import write_table
    from kg.ontology import load_ontology
    from kg.store import Graph
    from kg.views.selection import state_codes
    from kg.views.table import Table

    rng = np.random.default_rng(11)
    codes = tuple(state_codes()[:STATES])
    relations = tuple(sorted(load_ontology().events, key=lambda relation: relation.name))
    attention = 1 / np.arange(1, STATES + 1)
    rng.shuffle(attention)
    source, target = (rng.choice(STATES, rows, p=attention / attention.sum()) for _ in range(2))
    target = np.where(source == target, (target + 1) % STATES, target)
    relation = rng.integers(0, len(relations), rows)
    day = FIRST + rng.integers(0, DAYS, rows)
    ids = np.char.mod("%016x", np.arange(rows)).astype("S16")
    table = Table.sorted(codes, relations, source, target, relation, day, np.zeros(rows, dtype=np.int64), ids)
    Graph.open(folder).close()
    write_table(folder, "icews", ["synthetic"], table)
    severity = np.array([r.severity or 0.0 for r in relations])
    axis = np.array([{"conflict": 1, "cooperation": 2}.get(r.axis or "", 0) for r in relations])
    order = rng.permutation(rows)
    columns = (table.source, table.target, table.relation, table.day)
    a, b, r, d = (column[order] for column in columns)
    np.savetxt(
        folder / "events.csv",
        np.stack([a, b, r, d, (severity[r] * 10).astype(int), axis[r]], 1),
        fmt="%d",
        delimiter=",",
        header="a,b,r,d,s,axis",
        comments="",
    )


def kg(folder: Path) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    """This package."""
    from kg.graph import Graph
    from kg.views import make_view

    def load() -> Any:
        from kg.actors import load_actors
        from kg.geo import distances

        load_actors()
        distances(["IND"])
        import networkx  # noqa: F401

        return Graph.load(folder).table()

    return load, lambda table: [make_view(name, table).graph for name in ("tension", "engagement")]


def graphs(rows: Any) -> list[Any]:
    """Two networkx graphs of (a, b, axis, severity, n)."""
    import networkx as nx

    found = [nx.Graph(), nx.Graph()]
    for a, b, axis, severity, n in rows:
        found[int(axis) - 1].add_edge(int(a), int(b), severity=float(severity), n=int(n))
    return found


def pandas(folder: Path) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    """pandas: drop_duplicates and groupby."""
    import pandas as pd

    def work(frame: Any) -> Any:
        frame = frame[frame.axis > 0].drop_duplicates(["a", "b", "r", "d"])
        low, high = np.minimum(frame.a, frame.b), np.maximum(frame.a, frame.b)
        grouped = frame.assign(low=low, high=high).groupby(["low", "high", "axis"]).s.agg(["sum", "count"])
        return graphs(grouped.reset_index().itertuples(index=False))

    return lambda: pd.read_csv(folder / "events.csv"), work


def duckdb(folder: Path) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    """DuckDB: one query over a table in memory."""
    import duckdb as duck

    def load() -> Any:
        base = duck.connect()
        base.execute(f"CREATE TABLE events AS SELECT * FROM read_csv('{folder / 'events.csv'}')")
        return base

    query = """
        SELECT least(a, b), greatest(a, b), axis, sum(s), count(*) FROM
        (SELECT DISTINCT a, b, r, d, s, axis FROM events WHERE axis > 0) GROUP BY ALL
    """
    return load, lambda base: graphs(base.execute(query).fetchall())


def rdflib(folder: Path) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    """rdflib: SPARQL with GROUP BY, four triples an event."""
    from rdflib import Graph, Literal, Namespace

    base = Namespace("http://example.org/")

    def load() -> Any:
        graph, seen = Graph(), set()
        with (folder / "events.csv").open() as lines:
            next(lines)
            for number, line in enumerate(lines):
                a, b, r, d, s, axis = line.strip().split(",")
                if number >= SPARQL_ROWS or (a, b, r, d) in seen or axis == "0":
                    continue
                seen.add((a, b, r, d))
                event, ends = base[str(number)], sorted((a, b))
                graph.add((event, base.low, base[ends[0]]))
                graph.add((event, base.high, base[ends[1]]))
                graph.add((event, base.axis, base[axis]))
                graph.add((event, base.s, Literal(int(s))))
        return graph

    query = """
        PREFIX : <http://example.org/>
        SELECT ?low ?high ?axis (SUM(?s) AS ?total) (COUNT(?s) AS ?n)
        { ?event :low ?low ; :high ?high ; :axis ?axis ; :s ?s } GROUP BY ?low ?high ?axis
    """

    def work(graph: Any) -> Any:
        return graphs(
            (str(a).rpartition("/")[2], str(b).rpartition("/")[2], str(c).rpartition("/")[2], s, n)
            for a, b, c, s, n in graph.query(query)
        )

    return load, work


WAYS = {"kg": kg, "pandas": pandas, "duckdb": duckdb, "rdflib": rdflib}


def one(way: str, folder: Path) -> dict[str, float]:
    """Seconds of loading and of the work, and the memory of this process."""
    begin = time.perf_counter()
    load, work = WAYS[way](folder)
    held = load()
    loaded = time.perf_counter()
    times, made = [], []
    for _ in range(3):
        made = []
        start = time.process_time()
        made = work(held)
        times.append(time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "load": round(loaded - begin, 2),
        "graphs": round(min(times), 2),
        "MiB": round(peak),
        "pairs": sum(graph.number_of_edges() for graph in made),
    }


def main() -> None:
    """Make the events, run every way, print a table; exit with 1 when kg misses a limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--large", type=int, default=5_000_000, help="0 leaves it out")
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one(given.one, given.folder)))
        return
    missed = []
    print(f"{'way':8} {'rows':>9} {'load s':>8} {'graphs s':>9} {'MiB':>6} {'pairs':>7}")
    for rows, limit in ((given.rows, 1.0), (given.large, 10.0)):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "store"
            if not rows:
                continue
            make(rows, folder)
            for way in WAYS:
                if way == "rdflib" and rows != given.rows:
                    continue
                command = [sys.executable, __file__, "--one", way, "--folder", str(folder)]
                out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                found = json.loads(out)
                shown = min(rows, SPARQL_ROWS) if way == "rdflib" else rows
                cells = f"{found['load']:8} {found['graphs']:9} {found['MiB']:6} {found['pairs']:7}"
                print(f"{way:8} {shown:9} {cells}")
                if way == "kg" and (found["graphs"] >= limit or found["MiB"] > 2048):
                    missed.append(f"{rows} rows: {found}")
    if missed:
        sys.exit("kg is over its limit: " + "; ".join(missed))


if __name__ == "__main__":
    main()
