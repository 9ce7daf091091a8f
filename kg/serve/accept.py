"""Which form of a thing a client wants, by its Accept header or by name (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyoxigraph as ox

TABLES: Mapping[str, ox.QueryResultsFormat] = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
    "application/json": ox.QueryResultsFormat.JSON,
    "application/xml": ox.QueryResultsFormat.XML,
    "text/xml": ox.QueryResultsFormat.XML,
}
"""Media types of the answers to SELECT and ASK; the first is given to who takes anything."""

GRAPHS: Mapping[str, ox.RdfFormat] = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/x-turtle": ox.RdfFormat.TURTLE,
    "application/json": ox.RdfFormat.JSON_LD,
    "text/plain": ox.RdfFormat.N_TRIPLES,
}
"""Media types of triples."""

HTML = "text/html"

NAMES: Mapping[str, str] = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "html": HTML,
}
"""Short names for links, as in `?format=csv`."""


def choose(accept: str | None, offered: Sequence[str]) -> str | None:
    """The media type among `offered` that an Accept header likes best; None when it takes none of them.

    The more exact range decides on the quality of a type; of equals the first one offered wins. Without a
    header everything is welcome. What cannot be read in it is passed over.

    >>> choose("text/html;q=0.5, text/*", ["text/html", "text/turtle"])
    'text/turtle'
    >>> choose("image/png", ["text/html"]) is None
    True
    """
    if accept is None or not accept.strip():
        return offered[0]
    ranges = [found for part in accept.split(",") if (found := _range(part))]
    best, quality = None, 0.0
    for kind in offered:
        wanted = _quality(kind, ranges)
        if wanted > quality:
            best, quality = kind, wanted
    return best


def _range(part: str) -> tuple[str, float] | None:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                quality = min(1.0, max(0.0, float(value)))
            except ValueError:
                return None
    return (name, quality) if name.count("/") == 1 else None


def _quality(kind: str, ranges: Sequence[tuple[str, float]]) -> float:
    general = kind.partition("/")[0] + "/*"
    for form in (kind, general, "*/*"):
        fitting = [quality for name, quality in ranges if name == form]
        if fitting:
            return max(fitting)
    return 0.0
