"""Codes of other data sets to this package's relations and actors; what cannot be translated says why.

The tables are data: `ontologies/cameo.tsv`, `event_actors.tsv`, `event_names.tsv`, `event_formats.toml`.
"""

from __future__ import annotations

import calendar
import re
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal

from kg.actors import Resolution, fold, load_actors
from kg.errors import OntologyError
from kg.events.files import layouts
from kg.events.formats import Coded, Party, Reject
from kg.geo import table_rows
from kg.ontology import load_ontology

Reading = Literal["state", "rebel", "opposition", "national", "none"]

_SUFFIX: dict[str, str] = {"rebel": "-REB", "opposition": "-OPP"}
_KEPT = 1_000_000  # actors at days that are remembered


@lru_cache(maxsize=1)
def cameo() -> dict[str, tuple[str, str]]:
    """CAMEO code to relation and note; the relation is empty where the note says why it is left out."""
    known = load_ontology().relations
    found = {}
    for code, _, relation, note in table_rows("cameo.tsv"):
        if relation and relation not in known:
            raise OntologyError(f"ontologies/cameo.tsv: {code}: {relation!r} is not a relation")
        if not relation and not note:
            raise OntologyError(f"ontologies/cameo.tsv: {code}: say why it is left out")
        found[code] = (relation, note)
    return found


@lru_cache(maxsize=1)
def cameo_names() -> dict[str, str]:
    """CAMEO code by name, in small letters without marks, as ICEWS and the files made of it write it."""
    return {_plain(name): code for code, name, _, _ in reversed(table_rows("cameo.tsv")) if len(code) > 2}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()


@lru_cache(maxsize=1)
def _kinds() -> dict[str, list[tuple[str, Reading]]]:
    found: dict[str, list[tuple[str, Reading]]] = {}
    for scheme, values, reading in table_rows("event_actors.tsv"):
        found.setdefault(scheme, []).extend((value, reading) for value in values.split("|"))  # type: ignore[misc]
    return found


@lru_cache(maxsize=65_536)
def kind_of(scheme: str, kinds: tuple[str, ...]) -> Reading | None:
    """How an actor of these kinds acts; None when the file gives no kind."""
    if not kinds:
        return None
    for pattern, reading in _kinds()[scheme]:
        if any(fnmatchcase(kind, pattern) for kind in kinds):
            return reading
    return None


@lru_cache(maxsize=1)
def _names() -> dict[tuple[str, str], list[tuple[str, date, date]]]:
    found: dict[tuple[str, str], list[tuple[str, date, date]]] = {}
    for scheme, names, code, since, until in table_rows("event_names.tsv"):
        span = _bound(since, first=True), _bound(until, first=False)
        for name in names.split("|"):
            found.setdefault((scheme, fold(name)), []).append((code, *span))
    return found


def _bound(written: str, *, first: bool) -> date:
    if not written:
        return date.min if first else date.max
    year, month, day = (*(int(part) for part in written.split("-")), 0, 0)[:3]
    month = month or (1 if first else 12)
    return date(year, month, day or (1 if first else calendar.monthrange(year, month)[1]))


class Coder:
    """Translates events. `nationals`: whether private persons and bodies count for their state."""

    def __init__(self, *, nationals: bool = False) -> None:
        self.nationals = nationals
        self._table = load_actors()
        self._found: dict[tuple[Party, int], str | Reject] = {}
        self._cow = {
            str(int(actor.cow)): code
            for code, actor in self._table.actors.items()
            if actor.kind == "state" and actor.cow
        }

    def relation(self, event: Coded) -> str:
        """Name of the relation; raises `Reject` for an unknown code and one that is left out."""
        if event.scheme == "relation":
            return event.code
        if event.scheme == "plover":
            found = load_ontology().relation_of_plover(event.code)
            if found is None:
                raise Reject("unknown event type", "Event Type", event.code, broken=True)
            return found.name
        if event.scheme == "acled":
            return self._acled(event.code)
        code = event.code
        if event.scheme == "cameo name":
            code = cameo_names().get(_plain(event.code), "")
        if code not in cameo():
            raise Reject("unknown event code", "event code", event.code, broken=True)
        relation, note = cameo()[code]
        if not relation:
            raise Reject(f"CAMEO {code} is left out ({note})", "event code", code)
        return relation

    def _acled(self, code: str) -> str:
        known = layouts()["acled"]["relations"]
        for name in code.split("|"):
            if name in known:
                if not known[name]:
                    raise Reject("no act of one actor towards another", "sub_event_type", name)
                return str(known[name])
        raise Reject("unknown event type", "sub_event_type", code, broken=True)

    def actor(self, party: Party, day: date) -> str:
        """Code of the actor on a day; raises `Reject` where there is none."""
        key = party, day.toordinal()
        found = self._found.get(key)
        if found is None:
            try:
                found = self._read(party, day)
            except Reject as reject:
                found = reject
            if len(self._found) >= _KEPT:
                self._found.clear()
            self._found[key] = found
        if isinstance(found, Reject):
            raise found
        return found

    def _read(self, party: Party, day: date) -> str:
        if not (party.name or party.country or party.group):
            raise Reject("the actor is not given", "actor")
        kind = kind_of(party.scheme, party.kinds)
        state = self._country(party.country, party.codes, day) if party.country else None
        own = self._group(party, day, state, kind)
        if own is not None:
            return own
        if party.country and state is None:
            raise Reject("unknown country", "country", party.country)
        if state is None:
            raise Reject("no actor known by this name on this day", "actor", party.name or party.group)
        if not party.kinds and party.codes == "name" and not self._is_state(party, state, day):
            raise Reject("it is not said for whom this actor acts", "actor", party.name)
        if kind == "none":
            raise Reject("this kind of actor stands for nobody", "actor", "; ".join(party.kinds))
        if kind == "national" and not self.nationals:
            raise Reject(
                "a private person or body (--nationals counts them for their state)", "actor", party.name
            )
        if self._table.kind(state) != "state":
            return state
        return state + _SUFFIX.get(kind or "", "")

    def _is_state(self, party: Party, state: str, day: date) -> bool:
        return party.name == party.country or self._by_name(party.name, day) == state

    def _group(self, party: Party, day: date, state: str | None, kind: Reading | None) -> str | None:
        """Code of an actor known by its own name or code."""
        if party.group:
            code = self._country(party.group, party.codes, day)
            if code and (state is None or self._table.kind(code) != "state"):
                return code
        if party.codes != "name" or not party.name or party.name == party.country:
            return None
        if party.scheme == "icews role" and party.kinds:
            return None  # "Police (India)" is read by its parts
        listed = self._listed("name", party.name, day)
        if listed and listed != "-":
            return listed
        found = self._resolve(party.name, day)
        if found is None or (state is not None and kind == "state" and found.form != "group"):
            return None
        fits = state is None or found.form in ("leader", "group") or found.kind == "organisation"
        return found.code if fits else None

    def _country(self, written: str, codes: str, day: date) -> str | None:
        """Code of a state or organisation by its code or name in the file."""
        listed = self._listed(codes, written, day)
        if listed:
            return listed if listed != "-" else None
        if codes == "gw":
            return self._cow.get(written.split(".", maxsplit=1)[0])
        if re.fullmatch(r"[A-Z]{3,14}", written) and written in self._table.actors:
            return written
        return self._by_name(written, day) if codes == "name" else None

    def _listed(self, scheme: str, written: str, day: date) -> str | None:
        for code, since, until in _names().get((scheme, fold(written)), ()):
            if since <= day <= until:
                return code
        return None

    def _by_name(self, name: str, day: date) -> str | None:
        listed = self._listed("name", name, day)
        if listed:
            return listed if listed != "-" else None
        found = self._resolve(name, day)
        return found.code if found else None

    def _resolve(self, name: str, day: date) -> Resolution | None:
        found = self._table.resolve(name, day)
        if found is not None:
            return found
        # "Sergey Viktorovich Lavrov": known as Sergey Lavrov; "Ashraf Ghani Ahmadzai": as Ashraf Ghani.
        words = name.split()
        for short in (" ".join(words[:2]), f"{words[0]} {words[-1]}") if len(words) > 2 else ():
            found = self._table.resolve(short, day)
            if found is not None and found.form == "leader":
                return found
        return None
