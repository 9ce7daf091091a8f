"""Imported events as a flat table beside the graph: columns in a file of the store's folder, read at once."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np

from kg.errors import InputError
from kg.model import content_id
from kg.ontology import load_ontology
from kg.views.table import Table

FOLDER = "tables"
"""The folder inside a store's folder."""


def write_table(store: Path, origin: str, names: Iterable[str], table: Table) -> Path:
    """Put the events of an import beside the graph in the folder `store`, in place of an earlier import of
    the same files. The same events give the same bytes."""
    folder = store / FOLDER
    folder.mkdir(exist_ok=True)
    path = folder / f"{origin}-{content_id(*sorted(names))}.npz"
    part = path.with_suffix(".part")
    try:
        with part.open("wb") as out:
            np.savez(
                out,
                actors=np.array(table.actors, dtype=np.str_),
                relations=np.array([relation.name for relation in table.relations], dtype=np.str_),
                source=table.source.astype(np.int32),
                target=table.target.astype(np.int32),
                relation=table.relation.astype(np.int8),
                day=table.day.astype(np.int32),
                status=table.status.astype(np.int8),
                statement=table.statement,
            )
        part.replace(path)
    except OSError as exc:
        raise InputError(f"{path}: cannot be written: {exc.strerror or exc}") from exc
    finally:
        part.unlink(missing_ok=True)
    return path


def origins(store: Path) -> dict[str, list[Path]]:
    """The tables in the folder of a store, by the format that they came from."""
    found: dict[str, list[Path]] = {}
    if (store / FOLDER).is_dir():
        for path in sorted((store / FOLDER).glob("*.npz")):
            found.setdefault(path.name.rpartition("-")[0], []).append(path)
    return found


def read_table(path: Path) -> Table:
    """The events of one import; `InputError` when the file is damaged."""
    known = load_ontology().relations
    try:
        with np.load(path, allow_pickle=False) as held:
            relations = tuple(known[str(name)] for name in held["relations"])
            return Table(
                actors=tuple(str(code) for code in held["actors"]),
                relations=relations,
                source=held["source"].astype(np.int64),
                target=held["target"].astype(np.int64),
                relation=held["relation"].astype(np.int64),
                day=held["day"].astype(np.int64),
                status=held["status"].astype(np.int64),
                statement=held["statement"],
            )
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as exc:
        raise InputError(f"{path}: is damaged: {exc}; import the events again") from exc


def united(tables: Iterable[Table]) -> Table:
    """Several tables as one."""
    held = list(tables)
    if len(held) == 1:
        return held[0]
    names = sorted({relation.name for table in held for relation in table.relations})
    actors = sorted({code for table in held for code in table.actors})
    at = {code: i for i, code in enumerate(actors)}
    kind = {name: i for i, name in enumerate(names)}
    move = [np.array([at[code] for code in table.actors], dtype=np.int64) for table in held]
    turn = [np.array([kind[rel.name] for rel in table.relations], dtype=np.int64) for table in held]
    known: list[date] = [table.first_published for table in held if table.first_published]
    return Table.sorted(
        tuple(actors),
        tuple(load_ontology().relations[name] for name in names),
        np.concatenate([there[table.source] for there, table in zip(move, held, strict=True)]),
        np.concatenate([there[table.target] for there, table in zip(move, held, strict=True)]),
        np.concatenate([there[table.relation] for there, table in zip(turn, held, strict=True)]),
        np.concatenate([table.day for table in held]),
        np.concatenate([table.status for table in held]),
        np.concatenate([table.statement for table in held]),
        first_published=min(known, default=None),
    )
