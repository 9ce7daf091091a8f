"""The ontology, read from `ontologies/diplomacy.ttl` and `ontologies/relations.ttl` and nowhere else.

`load_ontology()` gives the relations with their properties. `KG`, `REL`, `ACT`, `ID` and the namespaces of
foreign vocabularies make IRIs, as plain strings: `KG.Statement`, `REL.consult`, `ACT["AFG"]`,
`ID["doc/0a1b"]`. `KG` and `REL` are closed: a name that the Turtle does not define raises, so that code and
ontology cannot drift apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from kg.errors import OntologyError
from kg.resources import resource

if TYPE_CHECKING:
    from pathlib import Path

    from pyoxigraph import Triple

Kind = Literal["event", "state"]
Axis = Literal["conflict", "cooperation"]

BASE = "https://w3id.org/bilateral-kg/"
_LOCAL = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*\Z")


class Namespace:
    """IRIs that begin alike; `NS.name` and `NS["name"]` give the whole IRI as a string.

    An open namespace takes every local name that can stand bare in Turtle, with `/` between parts.

    >>> Namespace("http://example.org/")["doc/1"]
    'http://example.org/doc/1'
    """

    def __init__(self, base: str) -> None:
        self.base = base

    def __getitem__(self, name: str) -> str:
        """The IRI of `name`; `ValueError` if `name` cannot be the end of an IRI."""
        if not _LOCAL.match(name):
            raise ValueError(f"{name!r} cannot be a name below {self.base}; use letters, digits, _ and -")
        return self.base + name

    def __getattr__(self, name: str) -> str:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def local(self, iri: str) -> str | None:
        """What follows the namespace in `iri`; None when the IRI lies elsewhere.

        >>> Namespace("http://example.org/").local("http://example.org/doc/1")
        'doc/1'
        """
        return iri[len(self.base) :] if iri.startswith(self.base) and iri != self.base else None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base!r})"


class Vocabulary(Namespace):
    """A namespace whose names are those that one Turtle file of `ontologies/` defines.

    Attribute access raises `AttributeError`, item access `KeyError`, for any other name.
    """

    def __init__(self, base: str, file: str) -> None:
        super().__init__(base)
        self.file = file

    def __getitem__(self, name: str) -> str:
        """The IRI of the term `name`."""
        if name not in _names(self.file, self.base):
            raise KeyError(f"{name!r} is not defined in ontologies/{self.file}")
        return self.base + name

    def __getattr__(self, name: str) -> str:
        try:
            return super().__getattr__(name)
        except KeyError as exc:
            raise AttributeError(exc.args[0]) from None

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(_names(self.file, self.base)))

    def __contains__(self, name: object) -> bool:
        return name in _names(self.file, self.base)


KG = Vocabulary(BASE + "ontology#", "diplomacy.ttl")
REL = Vocabulary(BASE + "relation/", "relations.ttl")
ACT = Namespace(BASE + "actor/")
ID = Namespace(BASE + "id/")
PLOVER = Namespace(BASE + "plover/")
CAMEO = Namespace(BASE + "cameo/")

RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
OWL = Namespace("http://www.w3.org/2002/07/owl#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
DCTERMS = Namespace("http://purl.org/dc/terms/")
PROV = Namespace("http://www.w3.org/ns/prov#")
SH = Namespace("http://www.w3.org/ns/shacl#")

PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "kg": KG.base,
        "rel": REL.base,
        "act": ACT.base,
        "id": ID.base,
        "plover": PLOVER.base,
        "cameo": CAMEO.base,
        "rdf": RDF.base,
        "rdfs": RDFS.base,
        "owl": OWL.base,
        "xsd": XSD.base,
        "skos": SKOS.base,
        "dcterms": DCTERMS.base,
        "prov": PROV.base,
        "sh": SH.base,
    }
)
"""The prefixes of every file that this package writes and of every query that it sends."""


@dataclass(frozen=True, slots=True)
class Relation:
    """What can be said between two actors.

    `symmetric`: A to B says the same as B to A. `direction_free`: symmetric, or one whose direction readers
    need not agree on, so that comparing two codings ignores it (`agree`). `quad`: one of the four classes of
    events, None for states of affairs. `axis`: for events, the view that counts them; for states of affairs,
    the sign of the tie; None for neither. `severity`: points from 0 to 10 of one act, None for states of
    affairs; source: `dcterms:source` in relations.ttl. `plover`: codes of the same or nearly the same type.
    `cameo`: codes, each standing for all codes that begin so and that no other relation claims more exactly.
    """

    name: str
    iri: str
    label: str
    kind: Kind
    symmetric: bool
    direction_free: bool
    quad: str | None
    axis: Axis | None
    severity: float | None
    definition: str
    note: str
    example: str
    plover: tuple[str, ...]
    cameo: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A class, property or concept of the ontology, as its documentation shows it."""

    name: str
    iri: str
    label: str
    comment: str


@dataclass(frozen=True, slots=True)
class Ontology:
    """Relations and terms by name, in alphabetical order."""

    relations: Mapping[str, Relation]
    terms: Mapping[str, Term]

    @property
    def events(self) -> tuple[Relation, ...]:
        """The relations that are acts."""
        return tuple(r for r in self.relations.values() if r.kind == "event")

    @property
    def states(self) -> tuple[Relation, ...]:
        """The relations that are states of affairs."""
        return tuple(r for r in self.relations.values() if r.kind == "state")

    def relation(self, name: str) -> Relation:
        """The relation called `name`; `OntologyError` lists the known ones if there is none."""
        try:
            return self.relations[name]
        except KeyError:
            known = ", ".join(self.relations)
            raise OntologyError(f"{name!r} is not a relation of ontologies/relations.ttl: {known}") from None

    def relation_of_plover(self, code: str) -> Relation | None:
        """The relation of a PLOVER event type, in capitals or not; None if no relation matches it."""
        return next((r for r in self.relations.values() if code.upper() in r.plover), None)

    def relation_of_cameo(self, code: str) -> Relation | None:
        """The relation of a CAMEO code, which keeps its leading zero; None where none is matched (class 01).

        >>> load_ontology().relation_of_cameo("0356").name, load_ontology().relation_of_cameo("036").name
        ('concede', 'agree')
        """
        best = max(
            (
                (len(prefix), r)
                for r in self.relations.values()
                for prefix in r.cameo
                if code.startswith(prefix)
            ),
            key=lambda pair: pair[0],
            default=None,
        )
        return best[1] if best else None


@lru_cache(maxsize=1)
def load_ontology() -> Ontology:
    """Read both files once.

    Raises `OntologyError` when a file is missing, is not Turtle, or describes a relation incompletely.
    """
    kinds: dict[str, Kind] = {KG.EventRelation: "event", KG.StateRelation: "state"}
    relations = {}
    for name in REL:
        node = _node("relations.ttl", REL.base + name)
        kind = next((kinds[t] for t in node.iris(RDF.type) if t in kinds), None)
        if kind is None:
            raise OntologyError(f"{node}: has no class; make it a kg:EventRelation or a kg:StateRelation")
        relations[name] = _relation(node, name, kind)
    terms = {
        name: Term(name, KG.base + name, node.text(RDFS.label), node.text(RDFS.comment))
        for name, node in ((name, _node("diplomacy.ttl", KG.base + name)) for name in KG)
    }
    return Ontology(MappingProxyType(relations), MappingProxyType(terms))


def _relation(node: _Node, name: str, kind: Kind) -> Relation:
    symmetric = OWL.SymmetricProperty in node.iris(RDF.type)
    above = [_node("diplomacy.ttl", iri) for iri in node.iris(SKOS.broader)]
    quads = [n.text(RDFS.label) for n in above if KG.QuadClass in n.iris(RDF.type)]
    matches = [iri for kind_ in ("exactMatch", "closeMatch", "narrowMatch") for iri in node.iris(SKOS[kind_])]
    severity = node.values(KG.severity)
    if kind == "event" and not (len(quads) == len(severity) == 1):
        raise OntologyError(f"{node}: an event needs one quad class by skos:broader, and one kg:severity")
    return Relation(
        name=name,
        iri=node.iri,
        label=node.text(RDFS.label),
        kind=kind,
        symmetric=symmetric,
        direction_free=symmetric or "true" in node.values(KG.directionFree),
        quad=quads[0] if quads else None,
        axis=_axis(node),
        severity=_points(node, severity[0]) if severity else None,
        definition=node.text(SKOS.definition),
        note=node.text(SKOS.scopeNote),
        example=node.text(SKOS.example),
        plover=tuple(sorted(filter(None, map(PLOVER.local, matches)))),
        cameo=tuple(sorted(filter(None, map(CAMEO.local, matches)))),
    )


def _axis(node: _Node) -> Axis | None:
    axes: dict[str, Axis] = {KG.ConflictAxis: "conflict", KG.CooperationAxis: "cooperation"}
    found = node.iris(KG.axis)
    if not found:
        return None
    if len(found) > 1 or found[0] not in axes:
        raise OntologyError(f"{node}: kg:axis must be kg:ConflictAxis or kg:CooperationAxis, once")
    return axes[found[0]]


def _points(node: _Node, value: str) -> float:
    try:
        points = float(value)
    except ValueError:
        points = -1.0
    if not 0 <= points <= 10:
        raise OntologyError(f"{node}: kg:severity is {value!r}; give a number from 0 to 10")
    return points


class _Node:
    """One subject of a Turtle file, with what the file says about it."""

    def __init__(self, file: str, iri: str, triples: tuple[Triple, ...]) -> None:
        self.file = file
        self.iri = iri
        self.triples = triples

    def __str__(self) -> str:
        return f"ontologies/{self.file}: <{self.iri}>"

    def iris(self, predicate: str) -> list[str]:
        """Objects that are IRIs."""
        from pyoxigraph import NamedNode

        found = (t.object for t in self.triples if t.predicate.value == predicate)
        return sorted(o.value for o in found if isinstance(o, NamedNode))

    def values(self, predicate: str) -> list[str]:
        """Objects that are literals."""
        from pyoxigraph import Literal as RdfLiteral

        found = (t.object for t in self.triples if t.predicate.value == predicate)
        return sorted(o.value for o in found if isinstance(o, RdfLiteral))

    def text(self, predicate: str) -> str:
        """The only literal; `OntologyError` when there is none, or there are several."""
        found = self.values(predicate)
        if len(found) != 1:
            raise OntologyError(f"{self}: has {len(found)} values of <{predicate}>; give exactly one")
        return found[0]


def _node(file: str, iri: str) -> _Node:
    return _Node(file, iri, _subjects(file).get(iri, ()))


@lru_cache(maxsize=4)
def _subjects(file: str) -> Mapping[str, tuple[Triple, ...]]:
    found: dict[str, list[Triple]] = {}
    for triple in read_turtle(resource("ontologies", file)):
        found.setdefault(str(getattr(triple.subject, "value", "")), []).append(triple)
    return {iri: tuple(triples) for iri, triples in found.items()}


@lru_cache(maxsize=4)
def _names(file: str, base: str) -> frozenset[str]:
    return frozenset(iri[len(base) :] for iri in _subjects(file) if iri.startswith(base) and iri != base)


def read_turtle(path: Path) -> list[Triple]:
    """The triples of a Turtle file of this package; `OntologyError` names file and position of a mistake."""
    from pyoxigraph import RdfFormat, parse

    try:
        return [quad.triple for quad in parse(path=path, format=RdfFormat.TURTLE)]
    except (OSError, SyntaxError) as exc:
        raise OntologyError(f"{path}: not readable as Turtle: {exc}") from exc
