"""Input that cannot be used: a clear message, the documented exit code, and the rest goes on."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from kg import Document, InputError, Skipped
from kg.admit import MAX_LINE, MAX_TEXT
from kg.cli import main
from kg.read import NEEDS, read

GOOD = "Norway recalled its envoy to Iran on Monday."
FRENCH = "La Norvège a rappelé lundi son ambassadeur en Iran, a annoncé le ministère."

BAD_FILES = [
    pytest.param("a.txt", b"", "is empty", id="empty file"),
    pytest.param("a.md", b"---\ntitle: Nothing\n---\n\n", "is empty", id="nothing but front matter"),
    pytest.param("a.txt", b" \n\t\n", "is empty", id="blanks"),
    pytest.param("a.txt", bytes(range(256)) * 4, "is not text", id="binary file"),
    pytest.param("a.txt", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "is not text", id="picture with a wrong suffix"),
    pytest.param("a.txt", b"\x01\x02ab" * 99, "control codes", id="control codes"),
    pytest.param("a.txt", b"\xff\xfeN\x00o", "is not text", id="half a UTF-16 character"),
    pytest.param("a.txt", b"\x81\x8d\x8f" * 9, "is not text", id="no known encoding"),
    pytest.param(
        "a.txt", b"word " * 1_000_000, "characters without a line break", id="5 MB in a single line"
    ),
    pytest.param("a.md", b"[" * 5_000_000, "characters without a line break", id="5 MB of brackets"),
    pytest.param(
        "a.txt", b"word\n" * (MAX_TEXT // 5 + 1), "split it into documents", id="a whole collection"
    ),
    pytest.param(
        "a.txt", b"\n" * (4 * MAX_TEXT + 5), "too many for one document", id="a file too large to open"
    ),
    pytest.param("a.txt", FRENCH.encode(), "in language 'fr'; only English is read", id="another language"),
    pytest.param("a.md", f"---\ndate: 7 Nov 2024\n---\n{GOOD}".encode(), "is not a day like", id="bad date"),
    pytest.param("a.jsonl", b"{not json}", "is not JSON", id="no JSON"),
    pytest.param(
        "a.jsonl", b'["a"]', 'is a JSON list, not an object with "text"', id="JSON that is no object"
    ),
    pytest.param("a.jsonl", b'{"id": "a"}', 'has no "text"', id="no text"),
    pytest.param("a.jsonl", b'{"text": null}', 'has no "text"', id="null for a text"),
    pytest.param("a.jsonl", b'{"text": 5}', '"text" is int, not text', id="a number for a text"),
    pytest.param(
        "a.jsonl", b'{"text": "' + GOOD.encode() + b'", "date": "2024-13-45"}', "not a day", id="no such day"
    ),
    pytest.param(
        "a.jsonl", b'{"text": "half \\ud800 pair"}', "half of a surrogate pair", id="half a character"
    ),
    pytest.param("a.jsonl", b'{"text":' + b"[" * 100_000, "nested too deeply", id="deep JSON"),
    pytest.param(
        "a.jsonl", b'{"text": "' + b"word " * 1_000_000 + b'"}', "without a line break", id="5 MB row"
    ),
    pytest.param("a.csv", b"", 'has no column "text"', id="empty table"),
    pytest.param(
        "a.csv", b"name,code\nNorway,NOR\n", "its columns are: name, code", id="table of something else"
    ),
    pytest.param("a.csv", b"text\n\xff\xfe\0", "is not text", id="binary table"),
    pytest.param("a.parquet", b"PAR1 not really", "is not a Parquet file", id="broken Parquet"),
    pytest.param("a.rss", b"<html>no feed</html>", "is not an RSS or Atom feed", id="no feed"),
    pytest.param("a.html", b"<html><body></body></html>", "no article found", id="empty page"),
    pytest.param("a.warc", b"no archive at all\n", "cannot be read from here on", id="broken archive"),
]


def needs(name: str) -> None:
    """Skip the test where the package that reads such a file is not installed."""
    if need := NEEDS.get(Path(name).suffix):
        pytest.importorskip(need[0])


@pytest.mark.parametrize("name, content, reason", BAD_FILES)
def test_a_file_that_is_no_document_is_skipped_with_the_reason_and_the_others_are_read(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    needs(name)
    path = tmp_path / name
    path.write_bytes(content)
    good = tmp_path / "b.txt"
    good.write_text(GOOD)
    bad, rest = read([path, good])
    assert isinstance(bad, Skipped)
    assert bad.document.startswith(str(path))
    assert reason in bad.reason
    assert len(bad.reason) < 200, "the message must not repeat the input"
    assert isinstance(rest, Document)


def test_a_malformed_line_is_named_by_its_number_and_the_others_go_on(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [f'{{"id": "{name}", "text": "{GOOD} {name}."}}' for name in "ab"]
    path.write_text(f'{rows[0]}\n{{"id": "x", "text": "no end\n\n{rows[1]}\n')
    first, broken, second = read(path)
    assert broken == Skipped(f"{path}:2", "is not JSON: Invalid control character at column 28")
    assert [doc.id for doc in (first, second) if isinstance(doc, Document)] == ["a", "b"]


def test_a_table_that_breaks_off_keeps_the_rows_before(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"id,text\na,{GOOD}\nb\nc,{GOOD},more,cells\n")
    first, short, long = read(path)
    assert isinstance(first, Document) and isinstance(long, Document)
    assert short == Skipped(f"{path}:3", 'has no "text"')


def test_a_folder_without_documents_is_told(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    with pytest.raises(InputError, match=r"no documents in this folder; these are read: .* \.txt"):
        read(tmp_path)


def deny(monkeypatch: pytest.MonkeyPatch, denied: Path) -> None:
    """Let a folder be closed to us; permissions alone would not stop an administrator."""
    scandir = os.scandir

    def closed(path: str | Path = ".") -> object:
        if Path(path) == denied:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)


def test_a_folder_that_cannot_be_opened_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deny(monkeypatch, tmp_path)
    with pytest.raises(InputError, match=r"folder cannot be opened \(Permission denied\)"):
        read(tmp_path)


def test_a_folder_inside_that_cannot_be_opened_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "a.txt").write_text(GOOD)
    deny(monkeypatch, tmp_path / "closed")
    closed, doc = read(tmp_path)
    assert closed == Skipped(str(tmp_path / "closed"), "folder cannot be opened (Permission denied)")
    assert isinstance(doc, Document)


def test_a_file_that_vanishes_while_others_are_read_is_skipped(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(f"{GOOD} {name}")
    items = read(tmp_path)
    (tmp_path / "b.txt").unlink()
    first, gone = items
    assert isinstance(first, Document)
    assert gone == Skipped(str(tmp_path / "b.txt"), "cannot be read (No such file or directory)")


@given(st.binary(max_size=300))
def test_no_bytes_at_all_stop_the_reading(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    for suffix in ("txt", "md", "jsonl", "csv"):
        (folder / f"a.{suffix}").write_bytes(data)
    for path in sorted(folder.iterdir()):
        for item in read(path):
            assert isinstance(item, Document | Skipped)


# --- The same on the command line, with exit codes ----------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_model: object) -> Callable[..., Result]:
    """Run the command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *args: CliRunner().invoke(main, args, catch_exceptions=False)


@pytest.mark.parametrize("name, content, reason", BAD_FILES)
def test_one_bad_file_gives_exit_code_3(
    run: Callable[..., Result], name: str, content: bytes, reason: str
) -> None:
    needs(name)
    Path(name).write_bytes(content)
    Path("b.txt").write_text("Norway accused Iran.")
    result = run("extract", name, "b.txt")
    assert result.exit_code == 3
    assert reason in result.stderr
    assert result.stdout.count("\n") == 1
    assert "Traceback" not in result.stderr


def test_no_actors_is_no_error(run: Callable[..., Result]) -> None:
    Path("a.txt").write_text("The harvest was good this year, and the weather stayed mild.")
    result = run("build", "a.txt", "-o", "graph.ttl")
    assert (result.exit_code, result.stderr) == (0, "1 document; 0 statements -> graph.ttl\n")


def test_nothing_but_skipped_documents_is_exit_code_3(run: Callable[..., Result]) -> None:
    Path("a.txt").write_text(FRENCH)
    result = run("build", "a.txt", "-o", "graph.ttl")
    assert result.exit_code == 3
    assert "0 documents, 1 skipped; 0 statements" in result.stderr


@pytest.mark.parametrize("sources", [["gone"], ["b.txt", "gone.txt"], ["empty"]])
def test_a_source_that_is_not_there_is_exit_code_2(run: Callable[..., Result], sources: list[str]) -> None:
    Path("b.txt").write_text(GOOD)
    Path("empty").mkdir()
    result = run("build", *sources, "-o", "graph.ttl")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert result.stdout == ""
    assert not Path("graph.ttl").exists()


def test_a_disk_that_fills_up_leaves_the_old_file(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    import kg.files

    def full(graph: object, out: object, form: str) -> None:
        raise OSError(28, "No space left on device")

    Path("b.txt").write_text("Norway accused Iran.")
    Path("graph.ttl").write_text("as it was")
    monkeypatch.setattr(kg.files, "write", full)
    result = run("build", "b.txt", "-o", "graph.ttl")
    assert result.exit_code == 2
    assert "graph.ttl: cannot be written: No space left on device" in result.stderr
    assert Path("graph.ttl").read_text() == "as it was"
    assert sorted(path.name for path in Path().iterdir()) == ["b.txt", "graph.ttl"]


def test_a_graph_that_is_no_turtle_is_told_with_its_place(run: Callable[..., Result]) -> None:
    Path("graph.ttl").write_text("act:NOR rel:accuse\n")
    result = run("check", "graph.ttl")
    assert result.exit_code == 2
    assert "graph.ttl:1:" in result.stderr


def test_limits_are_those_that_the_messages_name(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    line = (GOOD + " ") * (MAX_LINE // 45)
    path.write_text(f"{line}\n{line}")
    [doc] = read(path)
    assert isinstance(doc, Document)
    path.write_text("a " * (MAX_LINE // 2) + "b")
    [skipped] = read(path)
    assert skipped == Skipped(
        str(path), "has 100,001 characters without a line break, more than 100,000; break it up"
    )
