"""Rows of each format to events as that data set codes them: who, what code, to whom, on which days.

Nothing is translated here: actors and codes stay as written (see `coding`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

from kg.errors import InputError
from kg.events.files import Line

Unit = Literal["minutes", "hours", "days"]
EARLIEST, LATEST = date(1800, 1, 1), date(2100, 12, 31)


class Reject(Exception):  # noqa: N818 - not an error of the program: this row gives no event
    """Why a row gives no event: a reason shared by many rows, the column, and the value in this one."""

    def __init__(self, reason: str, column: str = "", value: str = "", *, broken: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.column, self.value, self.broken = reason, column, value, broken


@dataclass(frozen=True, slots=True)
class Party:
    """One end of an event as the file has it.

    `scheme` says how `kinds` are to be read (see `ontologies/event_actors.tsv`), `codes` how `country` and
    `group` are: "name", "cameo" or "gw".
    """

    name: str
    country: str = ""
    kinds: tuple[str, ...] = ()
    group: str = ""
    scheme: str = "icews role"
    codes: str = "name"


@dataclass(frozen=True, slots=True)
class Coded:
    """An event as coded: `code` of a scheme ("cameo", "plover", "acled", "relation"), first and last day."""

    key: str
    start: date
    end: date
    source: Party
    target: Party
    scheme: str
    code: str


@dataclass(frozen=True, slots=True)
class Names:
    """What the numbers in quadruple files stand for. Without names the cells themselves are the names."""

    entities: Mapping[str, str]
    relations: Mapping[str, str]
    start: datetime
    unit: Unit = "hours"


Reader = Callable[[Line], Coded]


def reader(format: str, names: Names | None = None) -> Reader:
    """The function that reads rows of a format; quadruples need `names`."""
    if format == "quadruples":
        if names is None:
            raise InputError("quadruples need the day at which their clock starts: --start 2014-01-01")
        return lambda line: _quadruple(line, names)
    return _READERS[format]


def read_names(path: Path | str | None) -> dict[str, str]:
    """Number to name, from a file with both in each line, in either order, separated by a tab.

    `InputError` with the line when it has no number, or not two cells.
    """
    found: dict[str, str] = {}
    if path is None:
        return found
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{path}: cannot be read as UTF-8 text: {exc}") from exc
    for number, line in enumerate(text.splitlines(), 1):
        cells = line.rstrip().split("\t")
        if len(cells) == 1 and cells[0].isdigit() and number == 1:
            continue  # some files begin with the number of their lines
        if len(cells) < 2 or not (cells[-1].isdigit() or cells[0].isdigit()):
            raise InputError(f"{path}:{number}: {line[:60]!r} is not a name and a number separated by a tab")
        name, index = (cells[0], cells[-1]) if cells[-1].isdigit() else (cells[1], cells[0])
        found[index] = name
    return found


def _day(line: Line, column: str) -> date:
    """A day as YYYY-MM-DD, YYYYMMDD, DD Month YYYY or D/M/YYYY, with or without a time behind it."""
    written = line.cells.get(column, "").strip()
    try:
        if re.match(r"\d{4}-\d\d-\d\d", written):
            found = date.fromisoformat(written[:10])
        elif re.fullmatch(r"\d{8}(\d{6})?", written):
            found = date(int(written[:4]), int(written[4:6]), int(written[6:8]))
        elif re.fullmatch(r"\d{1,2} [A-Za-z]+ \d{4}", written):
            found = datetime.strptime(written, "%d %B %Y").date()
        elif match := re.match(r"(\d{1,2})/(\d{1,2})/(\d{4})", written):
            found = date(int(match[3]), int(match[2]), int(match[1]))
        else:
            raise ValueError(written)
    except ValueError:
        raise Reject("this is no date", column, written, broken=True) from None
    if not EARLIEST <= found <= LATEST:
        raise Reject(
            f"the date is out of range ({EARLIEST.year} to {LATEST.year})", column, written, broken=True
        )
    return found


def _cell(line: Line, column: str) -> str:
    """A cell, empty for the ways in which files write that there is nothing."""
    value = line.cells.get(column, "").strip()
    return "" if value in ("None", "NA", "NULL", "---", "nan") else value


def _many(line: Line, column: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[;|]|,(?! )", _cell(line, column)) if part.strip())


def _icews(line: Line) -> Coded:
    day = _day(line, "Event Date")
    ends = [
        Party(
            _cell(line, f"{side} Name"),
            _cell(line, f"{side} Country"),
            _many(line, f"{side} Sectors"),
            scheme="icews sector",
        )
        for side in ("Source", "Target")
    ]
    # Event ids are not unique: the key of a row is id and date.
    key = f"{_cell(line, 'Event ID')} {day}"
    return Coded(key, day, day, ends[0], ends[1], "cameo", _cell(line, "CAMEO Code"))


def _polecat(line: Line) -> Coded:
    day = _day(line, "Event Date")
    ends = [
        Party(
            _cell(line, f"{side} Name"),
            _cell(line, f"{side} Country"),
            _many(line, f"Primary {side} Sector") or _many(line, f"{side} Sectors"),
            scheme="polecat sector",
        )
        for side in ("Actor", "Recipient")
    ]
    return Coded(
        _cell(line, "Event ID"), day, day, ends[0], ends[1], "plover", _cell(line, "Event Type").upper()
    )


def _gdelt(line: Line) -> Coded:
    day = _day(line, "SQLDATE")
    ends = [
        Party(
            _cell(line, f"{side}Name"),
            _cell(line, f"{side}CountryCode"),
            tuple(filter(None, (_cell(line, f"{side}Type{i}Code") for i in (1, 2, 3)))),
            _cell(line, f"{side}KnownGroupCode"),
            "cameo type",
            "cameo",
        )
        for side in ("Actor1", "Actor2")
    ]
    return Coded(_cell(line, "GLOBALEVENTID"), day, day, ends[0], ends[1], "cameo", _cell(line, "EventCode"))


def _phoenix(line: Line) -> Coded:
    day = _day(line, "Date")
    ends = [
        Party(
            _cell(line, f"{side}ActorFull"),
            _cell(line, f"{side}ActorEntity"),
            _many(line, f"{side}ActorRole"),
            "",
            "cameo type",
            "cameo",
        )
        for side in ("Source", "Target")
    ]
    return Coded(_cell(line, "EventID"), day, day, ends[0], ends[1], "cameo", _cell(line, "EventCode"))


def _ucdp(line: Line) -> Coded:
    start, end = _day(line, "date_start"), _day(line, "date_end")
    if start > end:
        raise Reject("the event ends before it begins", "date_end", _cell(line, "date_end"), broken=True)
    ends = []
    for side in ("a", "b"):
        if not _cell(line, f"gwno{side}"):
            raise Reject("not between two governments", f"gwno{side}", _cell(line, f"side_{side}"))
        ends.append(Party(_cell(line, f"side_{side}"), _cell(line, f"gwno{side}"), codes="gw"))
    return Coded(_cell(line, "id"), start, end, ends[0], ends[1], "relation", "assault")


def _acled(line: Line) -> Coded:
    day = _day(line, "event_date")
    ends = []
    for side in ("1", "2"):
        name = _cell(line, f"actor{side}")
        if not name:
            raise Reject("there is only one actor", f"actor{side}")
        # "Military Forces of Russia (2000-)", "Civilians (Ukraine)", "Police Forces of Kenya (2022-) Turkana"
        plain = re.sub(r"\s*\((\d{4})?-?(\d{4})?\).*", "", name)
        country = re.search(r"(?:Forces|Government|Navy|Police|Military) of (?:the )?(.+)$", plain)
        bracket = re.search(r"\(([A-Z][^)]*)\)$", plain)
        home = country[1] if country else bracket[1] if bracket else ""
        ends.append(Party(plain, home, _many(line, f"inter{side}"), scheme="acled kind"))
    code = _cell(line, "sub_event_type") or _cell(line, "event_type")
    key = _cell(line, "event_id_cnty")
    return Coded(key, day, day, ends[0], ends[1], "acled", f"{code}|{_cell(line, 'event_type')}")


def _quadruple(line: Line, names: Names) -> Coded:
    steps = line.cells["time"].strip()
    if not re.fullmatch(r"-?\d+", steps):
        raise Reject("the time is no whole number", "time", steps, broken=True)
    try:
        moment = names.start + timedelta(**{names.unit: int(steps)})
    except OverflowError:
        raise Reject("the date is out of range", "time", steps, broken=True) from None
    if not EARLIEST <= moment.date() <= LATEST:
        raise Reject("the date is out of range", "time", steps, broken=True)
    found = {}
    for column, known in (
        ("subject", names.entities),
        ("relation", names.relations),
        ("object", names.entities),
    ):
        written = line.cells[column].strip()
        if known and written not in known:
            raise Reject("this number has no name", column, written, broken=True)
        found[column] = known.get(written, written).replace("_", " ")
    day = moment.date()
    key = f"{found['subject']}\t{found['relation']}\t{found['object']}\t{day}"
    return Coded(
        key, day, day, _named(found["subject"]), _named(found["object"]), "cameo name", found["relation"]
    )


def _named(name: str) -> Party:
    """ "Police (India)": the kind of actor, and the state in brackets."""
    if not name.endswith(")"):
        return Party(name)
    depth, begin = 0, len(name)
    while begin > 0:  # the bracket that closes last: "Men (Holy See (Vatican City State))"
        begin -= 1
        depth += {")": 1, "(": -1}.get(name[begin], 0)
        if depth == 0:
            break
    return Party(name, name[begin + 1 : -1], (name[:begin].strip(),)) if begin > 0 else Party(name)


_READERS: Mapping[str, Reader] = {
    "icews": _icews,
    "polecat": _polecat,
    "gdelt": _gdelt,
    "phoenix": _phoenix,
    "ucdp": _ucdp,
    "acled": _acled,
}
