"""Sources to documents: every kind of file, in a fixed order, with exact text and the right date."""

from __future__ import annotations

import io
import json
import logging
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.admit import MAX_LINE, decode, plain, unmark
from kg.errors import InputError
from kg.model import Document, Skipped
from kg.read import read
from kg.resources import resource

TEXT = "Norway recalled its envoy to Iran on Monday."


def documents(*sources: str | Path | Document) -> list[Document]:
    """What is read, where nothing may be skipped."""
    found = list(read(sources))
    assert not [item for item in found if isinstance(item, Skipped)]
    return [item for item in found if isinstance(item, Document)]


def write(path: Path, content: str | bytes) -> Path:
    """A file with this content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "name, published",
    [
        pytest.param("2024-11-07-talks.txt", date(2024, 11, 7), id="date in the name"),
        pytest.param("2024-11-07.md", date(2024, 11, 7), id="nothing but a date"),
        pytest.param("2024-11-071-talks.txt", None, id="digits go on"),
        pytest.param("talks-2024-11-07.txt", None, id="date at the end is no publication date"),
        pytest.param("talks.txt", None, id="no date"),
    ],
)
def test_a_date_that_begins_the_file_name_is_the_publication_date(
    tmp_path: Path, name: str, published: date | None
) -> None:
    [doc] = documents(write(tmp_path / name, TEXT))
    assert (doc.text, doc.published) == (TEXT, published)


def test_front_matter_gives_id_title_date_and_goes_before_the_file_name(tmp_path: Path) -> None:
    front = 'id: x1\ntitle: "Talks: a start"\ndate: 2024-11-07\nsource: Agency\ntags:\n  - a'
    [doc] = documents(write(tmp_path / "2020-01-01-a.md", f"---\n{front}\n---\n\n{TEXT}\n"))
    assert doc == Document("x1", TEXT, "Talks: a start", "Agency", None, date(2024, 11, 7))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"---\n{TEXT}\n---\nMore.", id="no key in it"),
        pytest.param(f"---\n{TEXT}", id="never closed"),
        pytest.param(f"{TEXT}\n---\ntitle: x\n---\n", id="not at the start"),
    ],
)
def test_a_rule_of_hyphens_is_not_front_matter(tmp_path: Path, text: str) -> None:
    [doc] = documents(write(tmp_path / "a.txt", text))
    assert doc.text == text.rstrip("\n")


def test_text_keeps_its_offsets(tmp_path: Path) -> None:
    text = f"\n  “Yes,” said Kabul.\n\n\n{TEXT}\t(End)"
    [doc] = documents(write(tmp_path / "a.txt", text))
    assert doc.text == text


def test_markdown_gives_its_words_and_its_heading_as_title(tmp_path: Path) -> None:
    text = f"# Talks in Kabul\n\n## First\n\n**India** met the [Taliban](https://example.org). {TEXT}\n"
    [doc] = documents(write(tmp_path / "a.md", text))
    assert (doc.title, doc.text) == ("Talks in Kabul", f"First\n\nIndia met the Taliban. {TEXT}")


@pytest.mark.parametrize(
    "marked, words",
    [
        pytest.param("5 * 3 * 2", "5 * 3 * 2", id="stars between blanks stay"),
        pytest.param("a_b_c", "a_b_c", id="underscores in a word stay"),
        pytest.param("***Both*** and _one_", "Both and one", id="emphasis"),
        pytest.param("See ![map](m.png)", "See ", id="picture"),
        pytest.param("A [note] here", "A [note] here", id="brackets that are no link stay"),
    ],
)
def test_only_marks_are_taken_off_markdown(marked: str, words: str) -> None:
    assert unmark(marked) == words


@pytest.mark.parametrize("hostile", ["[" * MAX_LINE, "[a](" * (MAX_LINE // 4), "_a *b " * (MAX_LINE // 6)])
def test_markdown_that_never_closes_takes_no_longer_than_prose(hostile: str) -> None:
    assert unmark(hostile) == hostile


@pytest.mark.parametrize(
    "data, text",
    [
        pytest.param("Élysée".encode(), "Élysée", id="UTF-8"),
        pytest.param("Élysée".encode("utf-8-sig"), "Élysée", id="UTF-8 with a mark"),
        pytest.param("Élysée".encode("utf-16"), "Élysée", id="UTF-16"),
        pytest.param("Élysée".encode("utf-32"), "Élysée", id="UTF-32"),
        pytest.param("Élysée".encode("latin-1"), "Élysée", id="Latin-1"),
        pytest.param("“Yes” – €5".encode("cp1252"), "“Yes” – €5", id="Windows-1252"),
        pytest.param(b"a\0b", None, id="zero byte"),
        pytest.param(b"\xff\xfea", None, id="broken UTF-16"),
        pytest.param(b"\x81\x8d", None, id="not even Windows-1252"),
    ],
)
def test_encodings(data: bytes, text: str | None) -> None:
    assert decode(data) == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_what_was_written_as_utf8_is_read_back(text: str) -> None:
    assert decode(text.encode()) == text.removeprefix("\ufeff")


@given(st.text(alphabet=st.sampled_from("ab \n\t\x00\x0c\r-:#*"), max_size=60))
def test_reading_a_text_never_fails_and_never_makes_it_longer(text: str) -> None:
    found = plain(text, "here", markdown=True)
    assert isinstance(found, Skipped) or len(found.text) <= len(text)


def test_windows_line_ends_and_stray_control_codes(tmp_path: Path) -> None:
    [doc] = documents(write(tmp_path / "a.txt", f"{TEXT}\r\n\r\n\x0c{TEXT * 5}\r\n"))
    assert doc.text == f"{TEXT}\n\n {TEXT * 5}"


def test_json_lines(tmp_path: Path) -> None:
    rows = [
        {
            "id": "a",
            "text": TEXT,
            "date": "2024-11-07T10:00:00Z",
            "title": "T",
            "url": "https://example.org/a",
        },
        {"id": 7, "text": TEXT + " Again.", "source": "Agency", "language": "en-GB", "other": [1]},
        {"text": TEXT, "title": None},
    ]
    content = "\ufeff" + "\n\n".join(map(json.dumps, rows))
    first, second, third = documents(write(tmp_path / "a.jsonl", content))
    assert first == Document("a", TEXT, "T", None, "https://example.org/a", date(2024, 11, 7))
    assert (second.id, second.source, second.language) == ("7", "Agency", "en")
    assert len(third.id) == 16


def test_text_of_a_json_row_is_kept_to_the_character(tmp_path: Path) -> None:
    text = f" {TEXT}\r\n\r\n# {TEXT}\n\n"
    [doc] = documents(write(tmp_path / "a.jsonl", json.dumps({"id": "a", "text": text})))
    assert doc.text == text


@pytest.mark.parametrize("name, between", [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t")])
def test_tables(tmp_path: Path, name: str, between: str) -> None:
    table = f'id,Text,date\n1,"{TEXT}\n\n""Yes""",2024-11-07\n2,{TEXT},\n'.replace(",", between)
    first, second = documents(write(tmp_path / name, table))
    assert (first.id, first.text, first.published) == ("1", f'{TEXT}\n\n"Yes"', date(2024, 11, 7))
    assert (second.id, second.published) == ("2", None)


def test_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = pyarrow.table({"id": ["a", "b"], "text": [TEXT, TEXT], "date": [date(2024, 11, 7), None]})
    parquet.write_table(table, tmp_path / "a.parquet")
    first, second = documents(tmp_path / "a.parquet")
    assert (first.id, first.published, second.published) == ("a", date(2024, 11, 7), None)


PAGE = f"""<html><head><title>Talks | Agency</title><meta property="og:title" content="Talks">
<meta property="article:published_time" content="2024-11-07T10:00:00Z"></head><body><nav>Home Login</nav>
<article><h1>Talks</h1>
<p>India&rsquo;s envoy met the Taliban&rsquo;s foreign minister in Kabul on Monday, in
the first meeting of its kind.</p><p>{TEXT}
Officials said that trade and aid were on the table too.</p></article>
<footer>All rights reserved</footer></body></html>"""


def test_the_article_of_an_html_page(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    [doc] = documents(write(tmp_path / "2020-01-01-a.html", PAGE))
    assert (doc.title, doc.published) == ("Talks", date(2024, 11, 7))
    assert TEXT in doc.text
    assert "Login" not in doc.text


RSS = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>Agency</title>
<item><title>Talks &amp; trade</title><link>https://example.org/a</link><guid>tag:a</guid>
<pubDate>Thu, 07 Nov 2024 10:00:00 GMT</pubDate>
<description>&lt;p&gt;{TEXT}&lt;/p&gt;&lt;p&gt;More of it.&lt;/p&gt;
</description></item></channel></rss>"""
ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Agency</title><entry>
<id>tag:a</id><title>Talks &amp;amp; trade</title><link href="https://example.org/a"/>
<updated>2024-11-07T10:00:00Z</updated><content type="html">&lt;p&gt;{TEXT}&lt;/p&gt;More of it.</content>
</entry></feed>"""


@pytest.mark.parametrize("name, feed", [("a.rss", RSS), ("a.xml", RSS), ("a.atom", ATOM)])
def test_entries_of_a_feed(tmp_path: Path, name: str, feed: str) -> None:
    pytest.importorskip("feedparser")
    [doc] = documents(write(tmp_path / name, feed))
    text = f"{TEXT}\nMore of it."
    assert doc == Document(
        "tag:a", text, "Talks & trade", "Agency", "https://example.org/a", date(2024, 11, 7)
    )


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_pages_of_a_web_archive(tmp_path: Path, name: str) -> None:
    pytest.importorskip("warcio")
    pytest.importorskip("trafilatura")
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=name.endswith(".gz"))
    for url, kind, body in [
        ("https://example.org/a", "text/html; charset=utf-8", PAGE),
        ("https://example.org/b.png", "image/png", "PNG"),
    ]:
        headers = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1")
        payload = io.BytesIO(body.encode())
        record = writer.create_warc_record(url, "response", payload=payload, http_headers=headers)
        writer.write_record(record)
    [doc] = documents(write(tmp_path / name, stream.getvalue()))
    assert (doc.url, doc.published) == ("https://example.org/a", date(2024, 11, 7))


def stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Let standard input be these bytes."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_standard_input_with_json_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(
        monkeypatch,
        b'\n {"id": "a", "text": "%s"}\n{"id": "b", "text": "%s"}' % (TEXT.encode(), TEXT.encode()),
    )
    assert [doc.id for doc in documents("-")] == ["a", "b"]


def test_standard_input_with_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, f"---\ndate: 2024-11-07\n---\n{TEXT}\n\n{TEXT}".encode())
    [doc] = documents("-")
    assert (doc.text, doc.published) == (f"{TEXT}\n\n{TEXT}", date(2024, 11, 7))


def test_a_folder_is_read_in_the_order_of_its_paths(corpus: Path) -> None:
    assert [doc.published and doc.published.day for doc in documents(corpus)] == [5, 6, 1]


def test_a_folder_passes_over_what_is_not_a_document(corpus: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(corpus / "actors.tsv", "code\tname\nNOR\tNorway\n")
    write(corpus / "rules.toml", "a = 1")
    write(corpus / "sitemap.xml", "<urlset/>")
    write(corpus / ".hidden" / "a.txt", TEXT)
    with caplog.at_level(logging.WARNING):
        assert len(documents(corpus)) == 3
    assert [record.getMessage() for record in caplog.records] == [
        f"{corpus}: passed over what is not a document: 1 .toml, 1 .tsv, 1 .xml"
    ]


def test_an_id_depends_on_the_content_alone(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one.txt", TEXT), write(tmp_path / "two" / "other.txt", TEXT)
    [first], [second] = documents(one), documents(two)
    [third] = documents(write(tmp_path / "2024-11-07.txt", TEXT))
    assert first.id == second.id != third.id


def test_the_same_document_is_read_once(corpus: Path) -> None:
    assert documents(corpus, corpus / "2024-11-05-kabul.md", corpus) == documents(corpus)


def test_another_text_under_the_same_id_is_skipped() -> None:
    first, second = read([Document("a", TEXT), Document("a", TEXT + " Again.")])
    assert isinstance(first, Document)
    assert second == Skipped("a", "another document of this run has the same id; give each its own")


@pytest.mark.parametrize(
    "language, text",
    [
        (
            "fr",
            "La Norvège a rappelé lundi son ambassadeur en Iran, a annoncé le ministère.",
        ),
        (
            "de",
            "Norwegen hat am Montag seinen Botschafter aus dem Iran zurückgerufen, hieß es in Oslo.",
        ),
        (
            "es",
            "Noruega llamó el lunes a consultas a su embajador en Irán, informó el ministerio de Exteriores.",
        ),
        ("no", "Norge kalte mandag hjem sin ambassadør fra Iran, opplyste utenriksdepartementet i Oslo."),
        ("ru", "Норвегия отозвала посла из Ирана."),
        ("ar", "استدعت النرويج سفيرها لدى إيران يوم الاثنين."),
        ("zh", "挪威周一召回驻伊朗大使。"),
    ],
)
def test_other_languages_are_skipped_with_a_reason(language: str, text: str) -> None:
    found = plain(text, "here")
    assert isinstance(found, Skipped)
    assert "only English is read" in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "Honduras drops Taiwan for China",
        "Chargé d’Affaires Morris N. Hughes presented his credentials.",
        "VIENNA (Reuters) - A senior U.S. envoy met Iran's Ali Larijani.",
        "Quito declared his ambassador, Raquel Serur, persona non grata.",
    ],
)
def test_english_full_of_foreign_names_is_read(text: str) -> None:
    assert isinstance(plain(text, "here"), Document)


def test_a_document_that_says_its_language_is_believed() -> None:
    found = plain(f"---\nlanguage: fr\n---\n{TEXT}", "here")
    assert found == Skipped("here", "says that its language is 'fr'; only English is read")


def test_a_missing_source_is_told_before_anything_is_read(corpus: Path) -> None:
    with pytest.raises(InputError, match="gone: no such file or folder"):
        read([corpus, corpus / "gone"])


def test_a_missing_package_is_told_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.read.find_spec", lambda name: None)
    with pytest.raises(
        InputError, match=r"reading \.html files needs trafilatura; pip install 'bilateral-kg\[html\]'"
    ):
        read(write(tmp_path / "a.html", PAGE))


def test_the_sample_corpus_has_24_dated_articles() -> None:
    docs = documents(resource("seeds", "articles"))
    assert len({doc.id for doc in docs}) == 24
    assert all(doc.title and doc.published and doc.id.startswith(doc.published.isoformat()) for doc in docs)


@pytest.mark.shared
def test_the_sample_corpus_is_the_annotated_text_to_the_character(shared: Path) -> None:
    rows = (shared / "eval" / "demo.texts.jsonl").read_text(encoding="utf-8").splitlines()
    texts = {row["id"]: row["text"] for row in map(json.loads, rows)}
    assert {doc.id: doc.text for doc in documents(resource("seeds", "articles"))} == texts
