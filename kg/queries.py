"""The named queries of `ontologies/queries/`: SPARQL files with a title, an explanation and parameters.

A file opens with comment lines: the title, then, after an empty one, what the query answers, then one line
for each parameter: `#   ?actor (actor): only talks of this actor`. A parameter is a `VALUES ?actor { ... }`
clause of the query, whose content is the default (`UNDEF`: any): every file runs as it is in any SPARQL
engine. `fill` puts a value there, as one term of the declared kind: no value can become a piece of query.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from kg.errors import OntologyError, QueryError
from kg.ontology import ACT, ID, XSD, load_ontology
from kg.resources import resource

_PARAMETER = re.compile(r"#\s+\?(\w+) \((\w+)\): (.+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable of a query that may be given. `kind`: actor, relation, statement, date or text.

    `default` is the term in SPARQL that stands when it is not given; None means any.
    """

    name: str
    kind: str
    description: str
    default: str | None


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query with its explanation; `text` is the whole file and runs as it is."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    text: str


@lru_cache(maxsize=1)
def named_queries() -> Mapping[str, NamedQuery]:
    """All queries of `ontologies/queries/` by name, which is the file's, in alphabetical order.

    Raises `OntologyError` for a file whose head does not have the form above.
    """
    files = sorted(resource("ontologies", "queries").glob("*.rq"), key=lambda path: path.stem)
    return MappingProxyType({path.stem: read_query(path) for path in files})


def read_query(path: Path | str) -> NamedQuery:
    """A query from a file of the same form, for instance a user's own; a file without a head is one as well.

    Raises `OntologyError` when it cannot be read, or declares a parameter that has no `VALUES` clause.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise OntologyError(f"{path}: cannot be read as UTF-8 text: {exc}") from exc
    head = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        head.append(line)
    prose = [line.lstrip("# ").rstrip() for line in head if not _PARAMETER.match(line)]
    parameters = []
    for number, line in enumerate(head, 1):
        if found := _PARAMETER.match(line):
            name, kind, description = found.groups()
            if kind not in _TERMS:
                raise OntologyError(
                    f"{path}:{number}: {kind!r} is no kind; choose one of {', '.join(_TERMS)}"
                )
            clause = _clause(name).search(text)
            if clause is None:
                raise OntologyError(f"{path}:{number}: ?{name} needs a clause VALUES ?{name} {{ UNDEF }}")
            default = clause[2].strip()
            parameters.append(Parameter(name, kind, description, None if default == "UNDEF" else default))
    return NamedQuery(
        name=path.stem,
        title=prose[0] if prose else path.stem,
        description=" ".join(line for line in prose[1:] if line),
        parameters=tuple(parameters),
        text=text,
    )


def fill(query: str | NamedQuery, **values: str | date) -> str:
    """The text of a query, by name or as it is, with parameters given; those not given keep their default.

    Actors are given by code ("IND"), relations by name ("consult"), statements by id, dates as `date` or
    "2024-12-31". Raises `QueryError` for an unknown query or parameter, and for a value not of its kind.

    >>> "rel:consult" in fill("talks") and "actor/IND" in fill("talks", actor="IND")
    True
    """
    if isinstance(query, str):
        try:
            query = named_queries()[query]
        except KeyError:
            known = ", ".join(named_queries())
            raise QueryError(f"there is no query {query!r}; choose one of {known}") from None
    kinds = {parameter.name: parameter.kind for parameter in query.parameters}
    text = query.text
    for name, given in sorted(values.items()):
        if name not in kinds:
            known = ", ".join(kinds) or "none"
            raise QueryError(f"query {query.name!r} has no parameter {name!r}; it has: {known}")
        try:
            term = _TERMS[kinds[name]](given)
        except (ValueError, OntologyError) as exc:
            raise QueryError(f"query {query.name!r}, parameter {name!r}: {exc}") from exc
        # No backslash of the value may be taken for a group of the pattern.
        text = _clause(name).sub(r"\g<1>" + term.replace("\\", r"\\") + r"\g<3>", text)
    return text


def _clause(name: str) -> re.Pattern[str]:
    return re.compile(rf"(VALUES \?{name} \{{ )([^{{}}]*)( \}})")


def _actor(given: str | date) -> str:
    return f"<{ACT[str(given)]}>"


def _relation(given: str | date) -> str:
    return f"<{load_ontology().relation(str(given)).iri}>"


def _statement(given: str | date) -> str:
    local = str(given).removeprefix("stmt:").removeprefix(ID["stmt"] + "/")
    if not re.fullmatch(r"[0-9a-f]{16}", local):
        raise ValueError(f"{given!r} is no id of a statement; give its 16 hexadecimal digits")
    return f"<{ID[f'stmt/{local}']}>"


def _date(given: str | date) -> str:
    try:
        day = given if isinstance(given, date) else date.fromisoformat(given)
    except ValueError as exc:
        raise ValueError(f"{given!r} is not a day; write it like 2024-12-31") from exc
    day = day.date() if isinstance(day, datetime) else day
    return f'"{day.isoformat()}"^^<{XSD.date}>'


def _text(given: str | date) -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"}
    return '"' + "".join(escapes.get(char, char) for char in str(given)) + '"'


_TERMS: Mapping[str, Callable[[str | date], str]] = {
    "actor": _actor,
    "relation": _relation,
    "statement": _statement,
    "date": _date,
    "text": _text,
}
