"""One text with what is said about it to a document, or the reason why it cannot be one.

Everything that `read` finds passes through `document`: it has to be prose in English, of a size that can be
parsed, with a date that is a day. Bytes are decoded and front matter and Markdown are taken off before that.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from importlib import import_module
from typing import Any

from kg.model import Document, Skipped, content_id

MAX_TEXT = 5_000_000
"""Characters of one document; a longer one is a collection and has to be split."""

MAX_LINE = 100_000
"""Characters without a line break: a parser's memory grows with the paragraph, and no prose runs so long."""

MAX_WORD = 1_000
"""Characters without a blank: tokenisers take time in the square of it, and only encoded pictures need it."""

BINARY = "is not text (a binary file, or an unknown encoding); convert it to text first"

NOT_ENGLISH = 4.0
"""How much better another language must explain a text, in log-likelihood per square root of a byte.

Measured with py3langid 0.4: of 6,974 English sentences and 1,448 English news texts none was above it; of
spaCy's example sentences in 66 other languages 474 of 484, and all 66 when joined to one short text each.
"""

COLUMNS = {"published": "date", "lang": "language"} | {
    name: name for name in ("id", "text", "title", "source", "url", "date", "language")
}
"""Names of columns, keys and front-matter lines that are understood, and what they are called here."""

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# A stray form feed or escape code would make a sentence that XML cannot hold; blanks keep all offsets.
BLANKS = {code: " " for code in (*range(32), 127, 0xFFFE, 0xFFFF) if chr(code) not in "\t\n\r"}

FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
FRONT_LINE = re.compile(r"([A-Za-z][\w-]*):[ \t]*(.*?)[ \t]*$", re.MULTILINE)


def document(
    text: str | None,
    where: str,
    *,
    id: str | None = None,
    title: str | None = None,
    source: str | None = None,
    url: str | None = None,
    date: object = None,
    language: str | None = None,
) -> Document | Skipped:
    """A document, or why this text cannot be one. `where` names it to the user: a path, or path and line."""
    if text is None or not text.strip():
        return Skipped(where, "is empty")
    if problem := oversize(text):
        return Skipped(where, problem)
    clean = text.translate(BLANKS)
    if clean != text and sum(map(str.__ne__, text, clean)) > len(text) / 100:
        return Skipped(where, "is not text: more than 1 in 100 characters are control codes")
    try:
        "".join(filter(None, (text, id, title, source, url))).encode()
    except UnicodeEncodeError as exc:
        return Skipped(
            where, f"has half of a surrogate pair ({exc.object[exc.start]!a}), which is no character"
        )
    try:
        published = day(date)
    except ValueError:
        return Skipped(where, f"date {str(date)!r} is not a day like 2024-11-07; correct it or leave it out")
    spoken = language.strip().lower() if language else detect(clean)
    if not re.match(r"(en|eng|english)(?![a-z])", spoken):
        told = "says that its language is" if language else "seems to be in language"
        return Skipped(where, f"{told} {spoken!r}; only English is read")
    if (longest := max(map(len, clean.split()))) > MAX_WORD:
        return Skipped(where, f"has {longest:,} characters without a blank: that is no prose")
    name = id or content_id(clean, title, source, url, published)
    return Document(name, clean, title or None, source or None, url or None, published)


def oversize(text: str) -> str | None:
    """Why a text is too large to be parsed as one document, or None."""
    if len(text) > MAX_TEXT:
        return f"has {len(text):,} characters, more than {MAX_TEXT:,}; split it into documents"
    if (longest := max(map(len, text.split("\n")))) > MAX_LINE:
        return f"has {longest:,} characters without a line break, more than {MAX_LINE:,}; break it up"
    return None


def detect(text: str) -> str:
    """ISO 639 code of a text's language, "en" when nothing else fits clearly better (see `NOT_ENGLISH`).

    >>> detect("Norway recalled its envoy."), detect("Norwegen hat seinen Botschafter zurückgerufen.")
    ('en', 'de')
    """
    start = text[:5000]
    ranks = import_module("py3langid").rank(start)
    better = ranks[0][1] - dict(ranks)["en"]
    return str(ranks[0][0]) if better / math.sqrt(len(start.encode())) > NOT_ENGLISH else "en"


def day(value: object) -> date | None:
    """The day of an ISO 8601 date or time, None for none; raises `ValueError` for anything else.

    >>> day("2024-11-07T09:30:00Z"), day(""), day(20241107), day("1-APR-1987 13:51:51.15")
    (datetime.date(2024, 11, 7), None, datetime.date(2024, 11, 7), datetime.date(1987, 4, 1))
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    written = "" if value is None else str(value).strip()
    if not written:
        return None
    # Wire archives stamp "1-APR-1987 13:51:51.15".
    if stamp := re.match(r"(\d{1,2}-[A-Za-z]{3}-\d{4})\b", written):
        return datetime.strptime(stamp[1], "%d-%b-%Y").date()
    if not re.match(r"(\d{4}-\d{2}-\d{2}([T ].*)?|\d{8})$", written):
        raise ValueError(f"not a day: {written!r}")
    return date.fromisoformat(written[:10])


def decode(data: bytes) -> str | None:
    """Text of bytes by their byte order mark, else as UTF-8, else as Windows-1252 (and so Latin-1); or None.

    One fallback, not a guesser: English that is not UTF-8 is Windows-1252, and a guess that changes with the
    guesser's version would move the offsets of all evidence.

    >>> decode("Élysée".encode("latin-1")), decode(bytes(4)) is None
    ('Élysée', True)
    """
    encodings = [name for mark, name in BOMS if data.startswith(mark)][:1]
    if not encodings and b"\0" in data:
        return None
    for encoding in encodings or ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def plain(
    text: str | None, where: str, named: str | None = None, markdown: bool = False
) -> Document | Skipped:
    """A document of a text with or without front matter; `named` is a date that the file's name begins with.

    Front matter is a block of `key: value` lines between two lines of three hyphens. The text begins with the
    first line after it that is not empty, and ends before the file's last line break.
    """
    if text is None:
        return Skipped(where, BINARY)
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    if problem := oversize(text):
        return Skipped(where, problem)
    front: dict[str, str] = {}
    if (block := FRONT_MATTER.match(text)) and (lines := FRONT_LINE.findall(block[1])):
        front = {COLUMNS[key.lower()]: unquote(value) for key, value in lines if key.lower() in COLUMNS}
        text = text[block.end() :].lstrip("\n")
    if markdown:
        heading = re.match(r"# +(.+)\n+", text)
        if heading and "title" not in front:
            front["title"] = heading[1].strip()
            text = text[heading.end() :]
        text = unmark(text)
    front.pop("text", None)
    return document(text, where, **{"date": named, **front})


def unquote(value: str) -> str:
    """A front-matter value without its quotes."""
    quoted = re.fullmatch(r"(['\"])(.*)\1", value)
    return quoted[2].replace("\\" + quoted[1], quoted[1]) if quoted else value


def unmark(text: str) -> str:
    """Markdown without the marks a reader does not see; links and emphasis leave their words.

    >>> unmark("## Talks\\n> *India* met [the **Taliban**](https://example.org/a_b) in 2_000 words.")
    'Talks\\nIndia met the Taliban in 2_000 words.'
    """
    # Every repetition is bounded, so that a line of 100,000 brackets takes no longer than one of words.
    text = re.sub(r"!\[[^\[\]\n]{0,500}\]\([^)\n]{0,2000}\)", "", text)
    text = re.sub(r"\[([^\[\]\n]{1,500})\]\([^)\n]{0,2000}\)", r"\1", text)
    text = re.sub(r"^[ \t]*(?:#{1,6}|>)[ \t]+", "", text, flags=re.MULTILINE)
    return re.sub(r"(?<![\w*])(\*{1,3}|_{1,3})(?=\S)([^*\n]{1,500}?)(?<=\S)\1(?![\w*])", r"\2", text)


def of_row(row: object, where: str) -> Document | Skipped:
    """A document of a JSON object or table row with the names in `COLUMNS`; other names are passed over."""
    if not isinstance(row, Mapping):
        return Skipped(where, f'is a JSON {type(row).__name__}, not an object with "text"')
    values: dict[str, Any] = {
        COLUMNS[str(key).strip().lower()]: value
        for key, value in row.items()
        if str(key).strip().lower() in COLUMNS and value is not None
    }
    if "text" not in values:
        return Skipped(where, 'has no "text"')
    if isinstance(values.get("id"), int):
        values["id"] = str(values["id"])
    for key, value in values.items():
        if key != "date" and not isinstance(value, str):
            return Skipped(where, f'"{key}" is {type(value).__name__}, not text')
    return document(values.pop("text"), where, **values)
