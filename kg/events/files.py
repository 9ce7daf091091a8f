"""Files of event data, line by line: plain, gzip or zip; broken rows come out with a reason.

One line at a time is in memory. A line that is not UTF-8 is read as Latin-1, which POLECAT uses in places.
"""

from __future__ import annotations

import csv
import gzip
import io
import tomllib
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from kg.errors import InputError
from kg.resources import resource

FORMATS = ("icews", "polecat", "gdelt", "phoenix", "quadruples", "ucdp", "acled")
"""Names of the layouts in `ontologies/event_formats.toml`."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a file: its cells by column, and where it stands. `text` is the row as it was read."""

    path: str
    number: int
    cells: Mapping[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that gave no event: `reason` is that of all such rows, `value` what was wrong in this one.

    `broken`: the row could not be read; otherwise it is about something that is no statement here.
    """

    path: str
    number: int
    reason: str
    column: str = ""
    value: str = ""
    text: str = ""
    broken: bool = True

    def __str__(self) -> str:
        column = f" {self.column}" if self.column else ""
        return f"{self.path}:{self.number}:{column} {self.reason}{f': {self.value!r}' if self.value else ''}"


@lru_cache(maxsize=1)
def layouts() -> Mapping[str, Any]:
    """Content of `ontologies/event_formats.toml`."""
    return tomllib.loads(resource("ontologies", "event_formats.toml").read_text(encoding="utf-8"))


def files_of(paths: Iterable[Path | str]) -> list[Path]:
    """The files that are meant, those of a folder by name; `InputError` when there is none."""
    found: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            found.extend(sorted(inner for inner in path.rglob("*") if inner.is_file()))
        elif path.is_file():
            found.append(path)
        else:
            raise InputError(f"{path}: there is no such file")
    if not found:
        raise InputError("there is no file to import; name at least one")
    return found


def read_rows(path: Path, format: str) -> Iterator[Line | Rejected]:
    """The rows of a file in one of `FORMATS`.

    `InputError` when the file has not the columns of the format. Rows with too few or too many cells, and
    what is missing of half a compressed file, come out as `Rejected`; the rest goes on.
    """
    layout = layouts()[format]
    for name, stream in _streams(path):
        number = 0
        try:
            for item in _rows(name, _lines(stream), layout, format):
                number = item.number
                yield item
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as exc:
            yield Rejected(
                name, number + 1, "the compressed file is broken or only half of it", value=str(exc)
            )


def _rows(
    name: str, lines: Iterator[str], layout: Mapping[str, Any], format: str
) -> Iterator[Line | Rejected]:
    split = _commas(lines) if layout["delimiter"] == "," else _tabs(lines)
    columns: list[str] | None = None
    for number, cells, text in split:
        if columns is None:
            columns = _head(name, cells, layout, format)
            if layout["header"]:
                continue
        if not any(cells):
            continue
        if len(cells) > len(columns) and any(cells[len(columns) :]):
            value = f"{len(cells)} cells, not {len(columns)}"
            yield Rejected(name, number, "the row has more cells than columns", value=value, text=text)
            continue
        if len(cells) < (len(columns) if not layout["header"] else _last_needed(columns, layout) + 1):
            value = f"{len(cells)} cells, not {len(columns)}"
            yield Rejected(name, number, "the row has too few cells", value=value, text=text)
            continue
        yield Line(name, number, dict(zip(columns, cells, strict=False)), text)


def _head(name: str, cells: list[str], layout: Mapping[str, Any], format: str) -> list[str]:
    """Names of the columns of a file, from its first row."""
    if not layout["header"]:
        fitting = [columns for columns in layout["layouts"] if len(columns) == len(cells)]
        if not fitting:
            known = " or ".join(str(len(columns)) for columns in layout["layouts"])
            raise InputError(
                f"{name}:1: has {len(cells)} columns separated by tabs; {layout['title']} has {known}: "
                "is this the right --format?"
            )
        return list(fitting[0])
    columns = [cell.strip() for cell in cells]
    missing = [column for column in layout["needed"] if column not in columns]
    if missing:
        raise InputError(
            f"{name}:1: column {missing[0]!r} is missing; "
            f"{layout['title']} needs {', '.join(layout['needed'])}"
        )
    while columns and not columns[-1]:
        columns.pop()
    return columns


def _last_needed(columns: list[str], layout: Mapping[str, Any]) -> int:
    return max(columns.index(column) for column in layout["needed"])


def _tabs(lines: Iterator[str]) -> Iterator[tuple[int, list[str], str]]:
    for number, line in enumerate(lines, 1):
        text = line.rstrip("\r\n")
        if text:
            yield number, text.split("\t"), text


def _commas(lines: Iterator[str]) -> Iterator[tuple[int, list[str], str]]:
    reader = csv.reader(lines)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = [""]
        if cells:
            yield reader.line_num, cells, ",".join(cells)


def _lines(stream: IO[bytes]) -> Iterator[str]:
    for number, data in enumerate(stream):
        try:
            line = data.decode("utf-8-sig" if number == 0 else "utf-8")
        except UnicodeDecodeError:
            line = data.decode("latin-1")
        yield line.replace("\x00", "")


def _streams(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """The file, or the files in a zip archive, as streams of plain bytes."""
    try:
        with path.open("rb") as raw:
            magic = raw.read(4)
            raw.seek(0)
            if magic[:2] == b"\x1f\x8b":
                with gzip.open(raw) as unzipped:
                    yield str(path), io.BufferedReader(unzipped)
            elif magic == b"PK\x03\x04":
                yield from _members(path, raw)
            else:
                yield str(path), raw
    except OSError as exc:
        if isinstance(exc, gzip.BadGzipFile):
            raise
        raise InputError(f"{path}: cannot be read: {exc.strerror or exc}") from exc


def _members(path: Path, raw: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    try:
        archive = zipfile.ZipFile(raw)
    except zipfile.BadZipFile as exc:
        raise InputError(f"{path}: is no complete zip archive: {exc}; fetch it again") from exc
    with archive:
        for name in archive.namelist():
            if not name.endswith("/"):
                with archive.open(name) as member:
                    yield f"{path}/{name}", member


@contextmanager
def reject_file(path: Path | None) -> Iterator[Any]:
    """A function that writes a `Rejected` as a row of a tab-separated file; it only counts without `path`."""
    if path is None:
        yield lambda rejected: None
        return
    try:
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
            writer.writerow(["file", "line", "column", "reason", "value", "row"])
            yield lambda rejected: writer.writerow(
                [
                    rejected.path,
                    rejected.number,
                    rejected.column,
                    rejected.reason,
                    rejected.value,
                    rejected.text,
                ]
            )
    except OSError as exc:
        raise InputError(f"{path}: cannot be written: {exc.strerror or exc}") from exc
