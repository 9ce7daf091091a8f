"""How often a name and a day give the right actor, by kind of name.

    python tests/benchmarks/actors.py
    python tests/benchmarks/actors.py --wrong          the open rows that are wrong, too
    python tests/benchmarks/actors.py --table FILE     a table of your own with the same columns

The table is tests/data/actor_strings.tsv; its head says where the strings come from. Held rows were never
looked at when rules were mended: their share is what to expect of names that nobody has tried.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
TABLE = ROOT / "tests" / "data" / "actor_strings.tsv"
KINDS = ("state", "leader", "organ", "organisation", "armed group", "none")


@dataclass(frozen=True, slots=True)
class Case:
    """A string, the day on which it is used, and the code that is right (None: no actor)."""

    kind: str
    text: str
    day: date
    code: str | None
    held: bool
    found: str | None

    @property
    def right(self) -> bool:
        """True when the resolver gives the code."""
        return self.found == self.code


def cases(table: Path = TABLE) -> Iterator[Case]:
    """The rows of the table with what the resolver finds for each."""
    from kg.actors import resolve

    lines = [line for line in table.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        day = date.fromisoformat(row["date"])
        answer = resolve(row["text"], day)
        found = answer.code if answer else None
        yield Case(row["kind"], row["text"], day, row["code"] or None, row["half"] == "held", found)


def shares(found: list[Case]) -> dict[str, float]:
    """Share of right rows by kind, and "all"."""
    counts = Counter(case.kind for case in found)
    right = Counter(case.kind for case in found if case.right)
    result = {kind: right[kind] / counts[kind] for kind in KINDS if counts[kind]}
    return result | {"all": sum(right.values()) / max(1, len(found))}


def main() -> int:
    """Print the shares; return 1 when less than 0.90 of the held rows are right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--wrong", action="store_true")
    options = parser.parse_args()
    found = list(cases(options.table))
    halves = {
        "all": found,
        "open": [case for case in found if not case.held],
        "held": [case for case in found if case.held],
    }
    print(f"{'kind':14}{'strings':>9}" + "".join(f"{half:>8}" for half in halves))
    rates = {half: shares(group) for half, group in halves.items()}
    for kind in (*KINDS, "all"):
        count = sum(case.kind == kind or kind == "all" for case in found)
        values = "".join(f"{rates[half].get(kind, float('nan')):8.3f}" for half in halves)
        print(f"{kind:14}{count:9}{values}")
    if options.wrong:
        for case in halves["open"]:
            if not case.right:
                print(f"{case.kind:14}{case.day} {case.text!r}: {case.found}, not {case.code}")
    return 0 if rates["held"]["all"] >= 0.9 else 1


if __name__ == "__main__":
    sys.exit(main())
