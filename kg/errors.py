"""The errors that users meet. Each message says what was wrong, with which value, where, and what to do."""

from __future__ import annotations


class KgError(Exception):
    """Base of every error that this package raises on purpose."""


class InputError(KgError):
    """A file, folder, option or piece of text could not be used."""


class OntologyError(KgError):
    """A file in `ontologies/` or `seeds/` is malformed or incomplete."""


class QueryError(KgError):
    """A SPARQL query was refused or is malformed."""


class ExtractorError(KgError):
    """An extractor or language model cannot be loaded or run."""
