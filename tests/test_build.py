"""The whole path: sources to a graph, incrementally, and the graph with its views and explanations."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import pytest
from conftest import Fake

import kg
from kg import Document, Graph, InputError, Skipped, Statement, Step
from kg.build import BATCH


def claims(graph: Graph) -> list[str]:
    """What a graph says, in words."""
    return [str(stmt) for stmt in graph.statements()]


def test_the_path_from_a_folder_to_statements(corpus: Path, fake: Fake) -> None:
    graph = kg.build(corpus, extractor=fake)
    assert [doc.published for doc in graph.documents()] == [
        date(2024, 11, 5),
        date(2024, 11, 6),
        date(2024, 12, 1),
    ]
    assert claims(graph) == [
        "IND accuse AFG",
        "PAK accuse AFG (not)",
        "IRN accuse ISR",
        "NOR accuse IRN",
        "EGY accuse TUR (intended)",
        "EGY accuse ISR",
    ]
    assert graph.skipped == ()


def test_only_affirmed_and_actual_statements_become_plain_triples(corpus: Path, fake: Fake) -> None:
    plain = kg.build(corpus, extractor=fake).sparql("SELECT ?a ?b { ?a rel:accuse ?b } ORDER BY ?a ?b")
    pairs = ["-".join(str(cell)[-3:] for cell in row) for row in plain.rows]
    assert pairs == ["EGY-ISR", "IND-AFG", "IRN-ISR", "NOR-IRN"]


def test_extract_keeps_the_order_and_passes_on_what_was_skipped(fake: Fake) -> None:
    sources = [Document("a", "Norway and Iran."), Document("b", "No names."), Document("a", "Another text.")]
    first, second, third = kg.extract(sources, extractor=fake)
    assert not isinstance(first, Skipped) and [str(stmt) for stmt in first[1]] == ["NOR accuse IRN"]
    assert second == (sources[1], [])
    assert isinstance(third, Skipped)


def test_one_broken_document_does_not_stop_the_others(fake: Fake, caplog: pytest.LogCaptureFixture) -> None:
    docs = [Document(str(number), f"Norway met Iran {number} times.") for number in range(2 * BATCH)]
    docs.insert(5, Document("broken", "Norway will BREAK with Iran."))
    with caplog.at_level(logging.WARNING):
        graph = kg.build(docs, extractor=fake)
    assert len(graph) == 2 * BATCH
    reason = "the extractor failed on it (ValueError: cannot parse BREAK)"
    assert graph.skipped == (Skipped("broken", reason),)
    assert [record.getMessage() for record in caplog.records] == [
        "1 documents were skipped; Graph.skipped says why"
    ]


def test_an_extractor_that_cannot_work_at_all_stops_the_run(corpus: Path) -> None:
    class Useless(Fake):
        def extract(self, documents: Iterable[Document]) -> Iterator[tuple[Document, list[Statement]]]:
            raise kg.ExtractorError("no model")

    with pytest.raises(kg.ExtractorError, match="no model"):
        kg.build(corpus, extractor=Useless())


def test_statements_that_do_not_fit_are_skipped(fake: Fake) -> None:
    class Careless(Fake):
        def extract(self, documents: Iterable[Document]) -> Iterator[tuple[Document, list[Statement]]]:
            for doc, _ in super().extract(documents):
                yield doc, [Statement("NOR", "accuse", "IRN")]

    graph = kg.build(Document("a", "Norway accused Iran."), extractor=Careless())
    [skipped] = graph.skipped
    assert "do not fit into the graph" in skipped.reason
    assert len(graph) == 0


def test_an_unknown_extractor_is_told(corpus: Path) -> None:
    with pytest.raises(kg.ExtractorError, match="'oracle': unknown"):
        kg.build(corpus, extractor="oracle")


def test_a_store_is_built_on_and_unchanged_documents_cost_nothing(
    corpus: Path, tmp_path: Path, fake: Fake
) -> None:
    folder = tmp_path / "store"
    kg.build(corpus, store=folder, extractor=fake).close()
    (corpus / "2024-11-06-tehran.txt").write_text("Iran accused Norway.\n")
    (corpus / "2024-11-05-kabul.md").write_text(
        "---\nid: kabul\ndate: 2024-11-05\n---\nIndia left Pakistan.\n"
    )
    fake.seen.clear()
    steps: list[Step | Skipped] = []
    graph = kg.build(corpus, store=folder, extractor=fake, progress=steps.append)
    outcomes = {step.document: step.outcome for step in steps if isinstance(step, Step)}
    assert outcomes.pop("cairo") == "unchanged"
    assert outcomes.pop("kabul") == "replaced"
    assert list(outcomes.values()) == ["added"]  # no id: another text is another document
    assert "cairo" not in fake.seen
    assert "IND accuse PAK" in claims(graph)
    assert "IND accuse AFG" not in claims(graph)


def test_another_version_of_the_extractor_reads_again(corpus: Path, tmp_path: Path, fake: Fake) -> None:
    folder = tmp_path / "store"
    kg.build(corpus, store=folder, extractor=fake).close()
    newer = Fake()
    newer.name = "fake 2"
    kg.build(corpus, store=folder, extractor=newer).close()
    assert len(newer.seen) == 3
    kg.build(corpus, store=folder, extractor=newer).close()
    assert len(newer.seen) == 3
    kg.build(corpus, store=folder, extractor=newer, refresh=True).close()
    assert len(newer.seen) == 6


def test_the_file_does_not_depend_on_the_order_of_the_documents(
    corpus: Path, tmp_path: Path, fake: Fake
) -> None:
    docs = list(kg.build(corpus, extractor=fake).documents())
    written = []
    for number, order in enumerate((docs, docs[::-1], [docs[1], docs[2], docs[0]])):
        path = tmp_path / f"{number}.ttl"
        kg.build(order, extractor=fake).write(path)
        written.append(path.read_bytes())
    assert written[0] == written[1] == written[2]


@pytest.mark.parametrize("name", ["graph.ttl", "graph.nq", "graph.trig", "store"])
def test_a_graph_is_opened_again(corpus: Path, tmp_path: Path, fake: Fake, name: str) -> None:
    path = tmp_path / name
    graph = kg.build(corpus, store=path if name == "store" else None, extractor=fake)
    said = claims(graph)
    if name != "store":
        graph.write(path)
    graph.close()
    again = kg.open(path)
    assert isinstance(again, Graph)
    assert claims(again) == said


def test_a_missing_graph_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such graph; give a Turtle, N-Quads or TriG file"):
        kg.open(tmp_path / "gone.ttl")


def test_a_folder_with_something_else_is_not_taken_for_a_store(corpus: Path, fake: Fake) -> None:
    with pytest.raises(InputError, match="is no graph store"):
        kg.build(corpus, store=corpus, extractor=fake)


@pytest.mark.parametrize("threshold", [-0.1, 1.5])
def test_a_threshold_is_a_share(corpus: Path, fake: Fake, threshold: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        kg.build(corpus, extractor=fake, threshold=threshold)


def test_views_take_days_as_text(corpus: Path, fake: Fake) -> None:
    graph = kg.build(corpus, extractor=fake)
    view = graph.tension(at="2024-11-30")
    assert {(row["source"], row["target"]) for row in view} == {
        ("AFG", "IND"),
        ("IRN", "ISR"),
        ("IRN", "NOR"),
    }
    assert view.rows == graph.view("tension", at=date(2024, 11, 30)).rows
    assert len(graph.timeline("Norway", "the Iranian government"))
    with pytest.raises(InputError, match="at 'soon' is not a day"):
        graph.tension(at="soon")
    with pytest.raises(InputError, match="window is empty"):
        graph.tension(since="2024-12-01", until="2024-11-01")


def test_explain_shows_every_sentence_behind_a_pair_with_its_marks(corpus: Path, fake: Fake) -> None:
    graph = kg.build(corpus, extractor=fake)
    [entry] = graph.explain("Afghanistan", "PAK")
    assert entry.marks == ("denied",)
    assert entry.evidence.sentence == "Pakistan has not recognised the Taliban government of Afghanistan."
    text = graph.explain("EGY", "TUR").to_text()
    assert "EGY accuse TUR  [intended]" in text
    assert "Egypt and Turkey, 2024-12-01, cairo" in text
    assert not graph.explain("IND", "NOR")


@pytest.mark.parametrize(
    "a, b, message",
    [
        pytest.param("Atlantis", "IRN", "'Atlantis' stands for no international actor", id="no actor"),
        pytest.param("Iran", "IRN", "are both IRN", id="one actor"),
    ],
)
def test_explain_wants_two_actors(corpus: Path, fake: Fake, a: str, b: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        kg.build(corpus, extractor=fake).explain(a, b)


def test_public_names_are_there_and_the_functions_stay_functions() -> None:
    code = (
        "import kg; kg.actors.resolve; import kg.extract.rules, kg.build; from kg.build import Step;"
        "print(callable(kg.build), callable(kg.extract), all(hasattr(kg, name) for name in kg.__all__),"
        "hasattr(kg, 'nonsense'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "True", "False"]


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, kg; print([name for name in sys.modules if name.startswith('kg.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.model
def test_the_real_path_reads_a_small_corpus(corpus: Path) -> None:
    graph = kg.build(corpus)
    said = claims(graph)
    assert any(claim.startswith("IND consult AFG") or claim.startswith("AFG consult IND") for claim in said)
    assert any(claim.startswith("PAK recognizes AFG (not") for claim in said)
    assert any(claim.startswith("IRN assault ISR (alleged") for claim in said)
    assert not graph.sparql("ASK { act:PAK rel:recognizes act:AFG }")
    assert not graph.sparql("ASK { act:IRN rel:assault act:ISR }")
    for stmt in graph.statements():
        for evidence in stmt.evidence:
            document = graph.document(evidence.document)
            assert document is not None
            assert document.text[evidence.span.start : evidence.span.end] == evidence.quote
