from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from pyoxigraph import Literal, NamedNode, Quad
from strategies import checked, corpora

from kg import files, rows
from kg.errors import InputError
from kg.files import RDF_FORMATS, TABLE_FORMATS, read_graph, to_networkx, write
from kg.model import Document, Evidence, Span, Statement, When
from kg.rdf import META, REFERENCE, Run
from kg.store import Graph

Items = list[tuple[Document, list[Statement]]]
RUN = Run("rules 1", "en 1")


def small() -> Graph:
    """Two documents; the second gives the first evidence late in the text, and a control character."""
    first = Document("a", "India met Afghanistan.", "Talks", "Wire", "http://x/a", date(2024, 11, 7))
    second = Document("b", "x" * 50, "Bell \x07", published=date(2024, 1, 1))

    def evidence(document: Document, start: int) -> Evidence:
        span = Span(start, start + 3)
        return Evidence(document.id, span, document.text[start : start + 3], document.text, "test 1", "verb")

    august = When.month(2021, 8)
    graph = Graph()
    graph.add(
        first,
        [
            Statement("IND", "consult", "AFG", when=august, place="Kabul", evidence=(evidence(first, 0),)),
            Statement("AFG", "recognizes", "IRQ-REB", "-", speaker="IND", evidence=(evidence(first, 6),)),
        ],
        run=RUN,
    )
    graph.add(
        second,
        [
            Statement("PAK", "accuse", "IND", confidence=0.25, evidence=(evidence(second, 30),)),
            Statement(
                "PAK",
                "accuse",
                "UNO",
                status="alleged",
                source_agents=("A, B", "C"),
                evidence=(evidence(second, 40), evidence(second, 2)),
            ),
        ],
        run=RUN,
    )
    return graph


def written(graph: Graph, format: str) -> bytes:
    out = io.BytesIO()
    write(graph, out, format)
    return out.getvalue()


# --- There and back


@checked
@given(corpora())
def test_write_read_write_gives_the_same_bytes_and_the_same_graph(
    tmp_path_factory: pytest.TempPathFactory, corpus: Items
) -> None:
    graph = Graph()
    graph.add_all(corpus, run=RUN)
    folder = tmp_path_factory.mktemp("there")
    for format in RDF_FORMATS:
        path = write(graph, folder / f"graph.{format}")
        back = read_graph(path)
        assert set(back.store) == set(graph.store), format
        assert written(back, format) == path.read_bytes(), format
    assert list(back.statements()) == list(graph.statements())


@checked
@given(corpora())
def test_rdflib_reads_the_same_triples(corpus: Items) -> None:
    from rdflib import Dataset

    graph = Graph()
    graph.add_all(corpus, run=RUN)
    for format, name in (("ttl", "turtle"), ("nt", "nt"), ("nq", "nquads"), ("trig", "trig")):
        dataset = Dataset(default_union=True)
        dataset.parse(data=written(graph, format), format=name)
        assert len(dataset) == len(graph.store), format


@checked
@given(corpora())
def test_every_format_takes_every_graph(corpus: Items) -> None:
    graph = Graph()
    graph.add_all(corpus)
    for format in (*RDF_FORMATS, *TABLE_FORMATS):
        assert written(graph, format) == written(graph, format)


SEEDED = """
import random, sys
sys.path.insert(0, "tests")
from hashlib import sha256
from kg.files import RDF_FORMATS, TABLE_FORMATS
from kg.store import Graph
from test_files import RUN, small, written
source = small()
items = [(document, list(source.statements(document.id))) for document in source.documents()]
random.seed(int(sys.argv[1]))
random.shuffle(items)
graph = Graph()
for document, stmts in items:
    random.shuffle(stmts)
    graph.add(document, stmts, run=RUN)
for format in (*RDF_FORMATS, *TABLE_FORMATS):
    print(format, sha256(written(graph, format)).hexdigest())
"""


def test_bytes_do_not_depend_on_the_hash_seed_nor_on_the_order_of_documents() -> None:
    root = Path(__file__).parents[1]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SEEDED, seed],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1
    assert len(outputs.pop().splitlines()) == 10


def test_turtle_is_in_the_order_of_a_reader(tmp_path: Path) -> None:
    text = write(small(), tmp_path / "g.ttl").read_text()
    head, *paragraphs = text.split("\n\n")
    assert all(line.startswith("@prefix ") for line in head.splitlines())
    subjects = [paragraph.split()[0] for paragraph in paragraphs]
    kinds = [subject.split(":")[0] for subject in subjects]
    order = ("graph", "run", "act", "former", "membership", "term", "doc", "stmt", "ev")
    # How it was made, actors and what is dated of them, plain triples; then document by document, each
    # statement before its evidence.
    assert [k for i, k in enumerate(kinds) if kinds[i - 1 : i] != [k]] == [
        *("graph", "run", "act", "former", "membership", "term", "act"),
        *("doc", "stmt", "ev", "stmt", "ev"),
        *("doc", "stmt", "ev", "stmt", "ev"),
    ]
    assert set(kinds) == set(order)
    assert "act:IND rel:consult act:AFG ." in paragraphs
    second, first = (text.index(f'kg:identifier "{id}"') for id in "ba")
    assert second < first, "documents by day of publication"
    assert text.index("rel:accuse ;\n    kg:target act:UNO") < text.index("kg:target act:IND ;"), (
        "by evidence"
    )
    assert "    kg:confidence 0.25 ;\n    kg:evidence" in text
    assert '    kg:beginDate "2021-08-01"^^xsd:date ;' in text


def test_own_facts_about_actors_survive_turtle(tmp_path: Path) -> None:
    path = write(small(), tmp_path / "g.ttl")
    with path.open("a") as out:
        out.write('\nact:IND rdfs:comment "mine" . <http://x/y> <http://x/z> 1.50, "é"@fr .\n')
    graph = read_graph(path)
    mine = {quad.object for quad in graph.store if quad.graph_name == REFERENCE} - {
        quad.object for quad in small().store
    }
    assert {term.value for term in mine} == {"mine", "1.50", "é"} or {term.value for term in mine} == {
        "mine",
        "1.5",
        "é",
    }
    assert written(read_graph(write(graph, tmp_path / "h.ttl")), "ttl") == written(graph, "ttl")


def test_a_foreign_named_graph_is_kept(tmp_path: Path) -> None:
    graph = small()
    name = NamedNode("http://x/mine")
    graph.store.add(Quad(NamedNode("http://x/a"), NamedNode("http://x/b"), Literal("c"), name))
    for format in ("nq", "trig", "jsonld"):
        back = read_graph(write(graph, tmp_path / f"g.{format}"))
        assert set(back.store) == set(graph.store)


def test_a_plain_triple_that_nobody_made_is_read_as_it_stands(tmp_path: Path) -> None:
    path = write(small(), tmp_path / "g.ttl")
    with path.open("a") as out:
        out.write("\nact:PAK rel:accuse act:IND .\n")
    graph = read_graph(path)
    assert graph.sparql("ASK { GRAPH graph:asserted { act:PAK rel:accuse act:IND } }")
    graph.derive()
    assert set(graph.store) == set(small().store)


def test_a_store_folder_is_opened_for_reading(tmp_path: Path) -> None:
    with Graph.open(tmp_path / "g") as graph:
        graph.update(small())
    with read_graph(tmp_path / "g") as graph:
        assert graph.read_only
        assert written(graph, "trig") == written(small(), "trig")


# --- Reading what cannot be read


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        pytest.param("g.ttl", "act:A a act:B .", r"g.ttl:1:\d+: is not well-formed ttl", id="prefix"),
        pytest.param("g.nt", "<a:a> <a:b> <a:c> .\n<a:a> b .", r"g.nt:2:\d+: is not", id="second line"),
        pytest.param("g.jsonld", "{", r"g.jsonld:\d*:?\d*:? ?is not well-formed jsonld", id="json"),
        pytest.param("g.ttl", "<a:a> <a:b> <a:c> .", "holds no statement, document or actor", id="foreign"),
        pytest.param("g.ttl", "<a:a> <a:b> [] .", "has a blank node", id="blank object"),
        pytest.param("g.ttl", "[] <a:b> <a:c> .", "has a blank node", id="blank subject"),
        pytest.param("g.txt", "", "a file with suffix ttl, nt, nq, trig, jsonld", id="suffix"),
        pytest.param("g.csv", "", "a file with suffix ttl, nt, nq, trig, jsonld", id="table"),
    ],
)
def test_files_that_are_no_graph(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message):
        read_graph(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.ttl: cannot be read"):
        read_graph(tmp_path / "absent.ttl")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "g.ttl").write_bytes(b"\xff\xfe\x00\x01" * 50)
    with pytest.raises(InputError, match=r"g\.ttl"):
        read_graph(tmp_path / "g.ttl")


def test_an_empty_file_is_an_empty_graph(tmp_path: Path) -> None:
    (tmp_path / "g.nt").write_text("")
    graph = read_graph(tmp_path / "g.nt")
    assert len(graph) == 0
    assert {quad.graph_name for quad in graph.store} == {META}


# --- Writing what cannot be written


@pytest.mark.parametrize("format", [*RDF_FORMATS, *TABLE_FORMATS])
def test_a_failure_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    path = tmp_path / f"g.{format}"
    path.write_text("old")

    def break_after_half(graph: Graph) -> object:
        yield from list(inner(graph))[:3]
        raise RuntimeError("half")

    module, name = (files, "in_order") if format in RDF_FORMATS else (rows, "statement_rows")
    inner = getattr(module, name)
    monkeypatch.setattr(module, name, break_after_half)
    with pytest.raises(RuntimeError, match="half"):
        write(small(), path)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        pytest.param("absent/g.ttl", "g.ttl: cannot be written: No such file or directory", id="no folder"),
        pytest.param("folder.ttl", "folder.ttl: cannot be written: it is a folder", id="folder"),
        pytest.param("file/g.ttl", "g.ttl: cannot be written: Not a directory", id="below a file"),
        pytest.param("g.xlsx", "g.xlsx: format 'xlsx'; choose one of ttl, nt", id="unknown suffix"),
        pytest.param("g", "g: no format; choose one of ttl, nt", id="no suffix"),
    ],
)
def test_places_that_cannot_be_written(tmp_path: Path, target: str, message: str) -> None:
    (tmp_path / "folder.ttl").mkdir()
    (tmp_path / "file").write_text("")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match=message):
        write(small(), tmp_path / target)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_full_disk_is_an_input_error() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(InputError, match="/dev/full: cannot be written: No space left"):
        write(small(), Path("/dev/full"), "ttl")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.ttl").write_text("old")
    (tmp_path / "link.ttl").symlink_to(tmp_path / "real.ttl")
    write(small(), tmp_path / "link.ttl")
    assert (tmp_path / "link.ttl").is_symlink()
    assert (tmp_path / "real.ttl").read_bytes() == written(small(), "ttl")


def test_streams(tmp_path: Path) -> None:
    text = io.StringIO()
    write(small(), text, "ttl")
    assert text.getvalue().encode() == written(small(), "ttl")
    assert write(small(), tmp_path / "g.dat", "nt") == tmp_path / "g.dat"
    with pytest.raises(InputError, match="no format; choose one of"):
        write(small(), io.BytesIO())


# --- Tables and networks


@pytest.mark.parametrize(("format", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_one_row_a_statement(format: str, delimiter: str) -> None:
    table = list(csv.DictReader(io.StringIO(written(small(), format).decode()), delimiter=delimiter))
    assert [(row["source"], row["relation"], row["target"]) for row in table] == [
        ("PAK", "accuse", "UNO"),
        ("PAK", "accuse", "IND"),
        ("IND", "consult", "AFG"),
        ("AFG", "recognizes", "IRQ-REB"),
    ]
    assert table[0]["source_agents"] == "A, B; C"
    assert (table[0]["start"], table[0]["end"], table[0]["status"]) == ("2", "5", "alleged")
    assert (table[2]["date"], table[2]["date_end"], table[2]["place"]) == ("2021-08", "", "Kabul")
    assert (table[3]["polarity"], table[3]["speaker"], table[3]["published"]) == ("-", "IND", "2024-11-07")
    assert [row["id"] for row in table] == [stmt.id for stmt in small().statements()]


def test_parquet_has_the_same_rows_with_types(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    table = pq.read_table(write(small(), tmp_path / "g.parquet")).to_pylist()
    assert table == list(rows.statement_rows(small()))
    assert [type(table[1][name]) for name in ("confidence", "start", "place")] == [float, int, type(None)]


def test_parquet_without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install 'bilateral-kg\[frames\]'"):
        written(small(), "parquet")


def test_the_network_has_every_actor_and_every_statement() -> None:
    net = to_networkx(small())
    assert net.nodes["IRQ-REB"] == {"label": "Iraq: rebels", "kind": "ArmedGroup"}
    assert sorted(net.edges()) == [("AFG", "IRQ-REB"), ("IND", "AFG"), ("PAK", "IND"), ("PAK", "UNO")]
    ((_, _, id, said),) = net.edges("AFG", keys=True, data=True)
    assert id in {stmt.id for stmt in small().statements()}
    assert (said["relation"], said["polarity"], said["first"], said["last"]) == ("recognizes", "-", 6, 9)
    assert "place" not in said


def test_network_files_come_back(tmp_path: Path) -> None:
    import networkx as nx

    net = to_networkx(small())
    graphml = nx.read_graphml(write(small(), tmp_path / "g.graphml"), force_multigraph=True)
    gexf = nx.read_gexf(write(small(), tmp_path / "g.gexf"))
    for back in (graphml, gexf):
        assert sorted(back.nodes()) == sorted(net.nodes())
        assert back.number_of_edges() == net.number_of_edges()
        titles = {said["title"] for *_, said in back.edges(data=True)}
        assert titles == {"Talks", "Bell \ufffd"}, "XML cannot hold a control character"
    assert sorted(graphml.edges(keys=True)) == sorted(net.edges(keys=True))
    text = (tmp_path / "g.gexf").read_text()
    assert "lastmodifieddate" not in text
    assert 'mode="dynamic"' not in text
