"""Files, folders, tables, pages, feeds and standard input to documents.

`read` takes paths and gives documents one at a time, in a fixed order: sources as given, folders sorted by
path. What cannot be a document (empty, binary, in another language ...) comes out as `Skipped` with the
reason and the others go on; a source that is not there at all raises `InputError` before anything is read.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import logging
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from types import ModuleType

from kg.admit import BINARY, MAX_TEXT, decode, document, of_row, plain
from kg.errors import InputError
from kg.model import Document, Skipped

logger = logging.getLogger(__name__)

Source = str | Path | Document
"""A path, `-` for standard input, or a document made by the caller."""

FILE_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?!\d)")


def read(sources: Source | Iterable[Source]) -> Iterator[Document | Skipped]:
    """Documents of files, folders, tables, pages, feeds and standard input (`-`).

    Folders are read recursively; files in them that are not documents (other suffixes, hidden files, tables
    without a column `text`) are passed over with one warning. A document without an id gets one made of its
    content. The same document read twice comes out once; another text under a used id is skipped.

    Raises `InputError` at once when a source does not exist, cannot be opened, has no documents in it, or is
    of a kind that needs a package which is not installed.
    """
    if isinstance(sources, str | Path | Document):
        sources = [sources]
    inputs = [found for source in sources for found in find(source)]
    return unique(chain.from_iterable(map(load, inputs)))


def unique(items: Iterable[Document | Skipped]) -> Iterator[Document | Skipped]:
    """Each document once; another document under an id that is taken is skipped."""
    seen: dict[str, str] = {}
    for item in items:
        if isinstance(item, Skipped):
            yield item
        elif item.id not in seen:
            seen[item.id] = item.content_hash
            yield item
        elif seen[item.id] == item.content_hash:
            logger.debug("%s: read before, passed over", item.id)
        else:
            yield Skipped(item.id, "another document of this run has the same id; give each its own")


def find(source: Source) -> list[Path | Document | Skipped]:
    """The files behind one source, and the folders below it that could not be opened."""
    if isinstance(source, Document) or str(source) == "-":
        return [source if isinstance(source, Document) else Path("-")]
    path = Path(source)
    if path.is_dir():
        return folder(path)
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    try:
        path.open("rb").close()
    except OSError as exc:
        raise InputError(f"{path}: cannot be opened ({exc.strerror})") from exc
    require(path)
    return [path]


def folder(root: Path) -> list[Path | Document | Skipped]:
    """Documents below a folder, sorted by path; raises `InputError` when there are none."""
    found: list[Path] = []
    closed: list[Path | Document | Skipped] = []
    passed: Counter[str] = Counter()

    def note(error: OSError) -> None:
        if error.filename == str(root):
            raise InputError(f"{root}: folder cannot be opened ({error.strerror})") from error
        closed.append(Skipped(str(error.filename), f"folder cannot be opened ({error.strerror})"))

    for place, folders, names in os.walk(root, onerror=note):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for path in (Path(place, name) for name in names if not name.startswith(".")):
            if is_document(path):
                found.append(path)
            else:
                passed[path.suffix or path.name] += 1
    if passed:
        kinds = ", ".join(f"{count} {suffix}" for suffix, count in sorted(passed.items()))
        logger.warning("%s: passed over what is not a document: %s", root, kinds)
    if not found and not closed:
        raise InputError(f"{root}: no documents in this folder; these are read: {' '.join(sorted(READERS))}")
    for path in found:
        require(path)
    return closed + sorted(found, key=lambda path: path.relative_to(root).parts)


def is_document(path: Path) -> bool:
    """Whether a file in a folder holds documents, by its suffix and, for tables and XML, how it begins."""
    suffix = path.suffix.lower()
    if suffix not in READERS and not path.name.lower().endswith(".warc.gz"):
        return False
    if suffix not in (".csv", ".tsv", ".xml"):
        return True
    try:
        with path.open("rb") as file:
            start = decode(file.read(4096)) or ""
    except OSError:
        return True  # the reader tells why
    if suffix == ".xml":
        return bool(re.search(r"<(rss|feed|rdf:RDF)\b", start))
    header = start.split("\n", 1)[0].strip().lower()
    return "text" in (name.strip(' "') for name in header.split(delimiter(header)))


def require(path: Path) -> None:
    """Raise `InputError` when the package that reads this kind of file is missing."""
    for ending, (package, extra) in NEEDS.items():
        if path.name.lower().endswith(ending) and find_spec(package) is None:
            raise InputError(
                f"{path}: reading {ending} files needs {package}; pip install 'bilateral-kg[{extra}]'"
            )


def package(name: str, where: str) -> ModuleType:
    """A package that reads one kind of file; raises `InputError` when it is installed but does not work."""
    try:
        return import_module(name)
    except ImportError as exc:
        raise InputError(f"{where}: reading this kind of file needs {name}, which fails: {exc}") from exc


def load(source: Path | Document | Skipped) -> Iterator[Document | Skipped]:
    """The documents of one input; whatever goes wrong with it becomes `Skipped`."""
    if isinstance(source, Document | Skipped):
        yield source
        return
    try:
        if str(source) == "-":
            yield from read_stream(sys.stdin.buffer.read())
        elif source.name.lower().endswith(".warc.gz"):
            yield from read_warc(source)
        else:
            yield from READERS.get(source.suffix.lower(), read_text)(source)
    except OSError as exc:
        yield Skipped(str(source), f"cannot be read ({exc.strerror or exc})")


def read_text(path: Path) -> Iterator[Document | Skipped]:
    """One document of a text or Markdown file."""
    # UTF-32 has four bytes a character: what is larger than this cannot be short enough.
    if (size := path.stat().st_size) > 4 * MAX_TEXT + 4:
        yield Skipped(str(path), f"has {size:,} bytes, too many for one document; split it")
        return
    named = FILE_DATE.match(path.name)
    markdown = path.suffix.lower() in (".md", ".markdown")
    yield plain(decode(path.read_bytes()), str(path), named and named[1], markdown)


def read_stream(data: bytes) -> Iterator[Document | Skipped]:
    """Standard input: JSON lines when the first character is `{`, otherwise one text."""
    if data.lstrip(codecs.BOM_UTF8 + b" \t\r\n").startswith(b"{"):
        yield from json_lines(io.BytesIO(data), "-")
    else:
        yield plain(decode(data), "-")


def read_json_lines(path: Path) -> Iterator[Document | Skipped]:
    """One document per line; a line that is not an object with a text is skipped by its number."""
    with path.open("rb") as lines:
        yield from json_lines(lines, str(path))


def json_lines(lines: Iterable[bytes], name: str) -> Iterator[Document | Skipped]:
    """Documents of JSON lines; blank lines are passed over."""
    for number, line in enumerate(lines, 1):
        where = f"{name}:{number}"
        if not line.strip():
            continue
        if (text := decode(line)) is None:
            yield Skipped(where, BINARY)
            continue
        try:
            row = json.loads(text)
        except json.JSONDecodeError as exc:
            yield Skipped(where, f"is not JSON: {exc.msg.removesuffix(' at')} at column {exc.colno}")
        except RecursionError:
            yield Skipped(where, "is not a document: JSON nested too deeply")
        else:
            yield of_row(row, where)


def delimiter(header: str) -> str:
    """What separates the columns of a table: the commonest of comma, semicolon and tab in its header."""
    return max(",;\t", key=header.count)


def read_table(path: Path) -> Iterator[Document | Skipped]:
    """One document per row of a CSV or TSV file whose header has a column `text`."""
    text = decode(path.read_bytes())
    if text is None:
        yield Skipped(str(path), BINARY)
        return
    csv.field_size_limit(max(csv.field_size_limit(), 4 * MAX_TEXT))
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter(text.split("\n", 1)[0]))
    try:
        names = [name.strip().lower() for name in rows.fieldnames or ()]
        if "text" not in names:
            yield Skipped(str(path), f'has no column "text"; its columns are: {", ".join(names) or "none"}')
            return
        for row in rows:
            yield of_row({key: value or None for key, value in row.items()}, f"{path}:{rows.line_num}")
    except csv.Error as exc:
        yield Skipped(f"{path}:{rows.line_num}", f"the table cannot be read from here on: {exc}")


def read_parquet(path: Path) -> Iterator[Document | Skipped]:
    """One document per row of a Parquet file with a column `text`."""
    try:
        file = package("pyarrow.parquet", str(path)).ParquetFile(path)
    except ValueError as exc:  # pyarrow.ArrowInvalid is one
        yield Skipped(str(path), f"is not a Parquet file ({exc})")
        return
    number = 0
    for batch in file.iter_batches(batch_size=256):
        for row in batch.to_pylist():
            number += 1
            yield of_row(row, f"{path}:{number}")


def read_page(path: Path) -> Iterator[Document | Skipped]:
    """The article on a web page saved as HTML; the page's own date goes before the one in the file's name."""
    named = FILE_DATE.match(path.name)
    yield page(path.read_bytes(), str(path), named=named and named[1])


def page(data: bytes, where: str, *, url: str | None = None, named: str | None = None) -> Document | Skipped:
    """The article on an HTML page, without menus and comments."""
    text = decode(data)
    if text is None:
        return Skipped(where, BINARY)
    # A date guessed from anywhere on the page would be worse than none: only what the page declares.
    options = {"extensive_search": False, "original_date": True}
    extract = package("trafilatura", where).bare_extraction
    found = extract(text, url=url, with_metadata=True, date_extraction_params=options)
    if found is None or not found.text:
        return Skipped(where, "no article found on this page")
    return document(
        found.text,
        where,
        title=found.title,
        source=found.sitename,
        url=found.url or url,
        date=found.date or named,
    )


def read_feed(path: Path) -> Iterator[Document | Skipped]:
    """One document per entry of an RSS or Atom feed saved as a file."""
    feed = package("feedparser", str(path)).parse(path.read_bytes())
    if not feed.entries:
        yield Skipped(str(path), "is not an RSS or Atom feed, or has no entries")
    for number, entry in enumerate(feed.entries, 1):
        bodies = [body.value for body in entry.get("content", ())] or [entry.get("summary", "")]
        moment = entry.get("published_parsed") or entry.get("updated_parsed")
        yield document(
            untag(max(bodies, key=len)),
            f"{path}:{number}",
            id=entry.get("id"),
            title=untag(entry.get("title", "")),
            source=feed.feed.get("title"),
            url=entry.get("link"),
            date=date(*moment[:3]) if moment else None,
        )


def untag(markup: str) -> str:
    """Words of an HTML fragment, one line per block.

    >>> untag("<p>Kabul &amp; Delhi<br>met</p><p>twice</p>")
    'Kabul & Delhi\\nmet\\ntwice'
    """
    from html import unescape

    broken = re.sub(r"<(?:br|/?(?:p|div|li|ul|ol|h\d|tr|blockquote))\b[^<>]*>", "\n", markup)
    words = unescape(re.sub(r"<[^<>]*>", "", broken))
    return "\n".join(line for line in (" ".join(line.split()) for line in words.splitlines()) if line)


def read_warc(path: Path) -> Iterator[Document | Skipped]:
    """One document per HTML page in a web archive; the day of the crawl is not taken for the page's date."""
    warcio = package("warcio", str(path))
    broken = import_module("warcio.exceptions").ArchiveLoadFailed
    with path.open("rb") as stream:
        try:
            for record in warcio.ArchiveIterator(stream):
                kind = record.http_headers and record.http_headers.get_header("Content-Type")
                if record.rec_type == "response" and "html" in (kind or ""):
                    url = record.rec_headers.get_header("WARC-Target-URI")
                    yield page(record.content_stream().read(), f"{path}:{url}", url=url)
        except broken as exc:
            reason = str(exc).strip().split("\n", 1)[0]
            yield Skipped(str(path), f"the web archive cannot be read from here on: {reason}")


READERS: dict[str, Callable[[Path], Iterator[Document | Skipped]]] = {
    **dict.fromkeys((".txt", ".text", ".md", ".markdown"), read_text),
    **dict.fromkeys((".jsonl", ".ndjson"), read_json_lines),
    **dict.fromkeys((".csv", ".tsv"), read_table),
    **dict.fromkeys((".html", ".htm", ".xhtml"), read_page),
    **dict.fromkeys((".rss", ".atom", ".xml"), read_feed),
    ".parquet": read_parquet,
    ".warc": read_warc,
}
"""What reads which suffix; a file of another suffix that is named outright is taken for text."""

NEEDS = {
    **dict.fromkeys((".html", ".htm", ".xhtml"), ("trafilatura", "html")),
    **dict.fromkeys((".rss", ".atom", ".xml"), ("feedparser", "feeds")),
    **dict.fromkeys((".warc", ".warc.gz"), ("warcio", "warc")),
    ".parquet": ("pyarrow", "frames"),
}
"""Suffixes that need a package outside the core, and the extra that brings it."""
