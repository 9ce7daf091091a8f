"""Where the editable data lies: `ontologies/` and `seeds/`, in a checkout or inside the installed package."""

from __future__ import annotations

from pathlib import Path

from kg.errors import OntologyError

PACKAGE = Path(__file__).parent


def resource(folder: str, name: str = "") -> Path:
    """Path of a file or folder below `ontologies` or `seeds`; raises `OntologyError` when it is missing.

    An installed wheel carries the two folders under `kg/_data`; a checkout has them at the top.
    """
    for root in (PACKAGE / "_data", PACKAGE.parent):
        path = root / folder / name
        if path.exists():
            return path
    raise OntologyError(f"{folder}/{name}: not found beside the package; reinstall bilateral-kg")
