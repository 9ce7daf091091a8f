"""How fast extraction is, where the time goes, and how much memory it takes.

    python tests/benchmarks/extraction.py
    python tests/benchmarks/extraction.py --profile       the functions of our own stages that cost most
    python tests/benchmarks/extraction.py --texts FOLDER  any texts that `kg build` reads

Without --texts the articles in ../shared/seeds, or else in seeds/articles, are read 20 times over. Everything
runs on one core. Each stage is timed on the output of the one before; rounds alternate between the stages,
and the least of the rounds counts, so that a busy machine disturbs little. What matters is at the end:
linking must cost at most 0.15 of the parser, our own stages without the encoder no more than it, with it at
most `ENCODED` times it. These ratios do not depend on the machine.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

# One core, also for the matrix library, which reads this when it is loaded.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[variable] = "1"

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
PLACES = (ROOT.parent / "shared" / "seeds", ROOT / "seeds" / "articles")

ENCODED = 3.2
"""Sentences with two actors go through the encoder: half of them or more in articles about diplomacy."""

LOAD = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"
STARTS = {
    "kg --help": ["-m", "kg", "--help"],
    "import kg": ["-c", LOAD.format("import kg")],
    "model": ["-c", LOAD.format("from kg.parse import load_pipeline; load_pipeline()")],
    "model, tables, learners": [
        "-c",
        LOAD.format("from kg.extract import load_extractor; load_extractor()"),
    ],
}


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor time of one call, and what it returned."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def memory() -> float:
    """Highest resident memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def start_times(rounds: int) -> dict[str, float]:
    """Least wall-clock seconds to start, each in a process of its own."""
    least: dict[str, float] = {}
    for _ in range(rounds):
        for name, arguments in STARTS.items():
            start = time.perf_counter()
            done = subprocess.run(
                [sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True, text=True
            )
            wall = time.perf_counter() - start
            took = wall if name == "kg --help" else float(done.stdout)
            least[name] = min(took, least.get(name, took))
    return least


def documents(folder: Path, copies: int) -> list[Any]:
    """The texts of the folder, each several times under ids of its own."""
    from kg.model import Document
    from kg.read import read

    found = [item for item in read([folder]) if isinstance(item, Document)]
    return [replace(doc, id=f"{doc.id}-{number}") for number in range(copies) for doc in found]


def main() -> int:
    """Measure, print, and return 1 when linking or our own stages cost too much beside the parser."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--texts", type=Path, default=next((p for p in PLACES if p.is_dir()), None))
    parser.add_argument("--copies", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    if options.texts is None:
        parser.error("there is no folder of articles beside this checkout; name one with --texts")

    from kg.actors import load_actors
    from kg.extract.encoder import load_encoder
    from kg.extract.learned import ScoredReader
    from kg.extract.rules import RuleReader
    from kg.link import link
    from kg.merge import merge
    from kg.parse import load_pipeline, parse

    docs = documents(options.texts, options.copies)
    before = memory()
    nlp, actors = load_pipeline(), load_actors()
    rules, scored, full = RuleReader(), ScoredReader(), ScoredReader(encoder=load_encoder())
    loaded = memory()

    def parsing() -> list[Any]:
        return list(parse(docs, nlp))

    parsed = parsing()
    after_parser = memory()
    mentions = [link(doc, actors) for doc in parsed]
    stmts = [full.read(doc, found) for doc, found in zip(parsed, mentions, strict=True)]
    peak = memory()

    stages: dict[str, Callable[[], Any]] = {
        "parser": parsing,
        "link": lambda: [link(doc, actors) for doc in parsed],
        "rules": lambda: [rules.read(doc, found) for doc, found in zip(parsed, mentions, strict=True)],
        "rules + scorer": lambda: [
            scored.read(doc, found) for doc, found in zip(parsed, mentions, strict=True)
        ],
        "and encoder": lambda: [full.read(doc, found) for doc, found in zip(parsed, mentions, strict=True)],
        "merge again": lambda: [merge(found) for found in stmts],
    }
    if options.profile:
        for name, work in list(stages.items())[1:]:
            profile = cProfile.Profile()
            profile.runcall(work)
            print(f"\n== {name}")
            pstats.Stats(profile).sort_stats("tottime").print_stats(14)
        return 0

    least = dict.fromkeys(stages, float("inf"))
    for _ in range(options.rounds):
        for name, work in stages.items():
            least[name] = min(least[name], seconds(work)[0])
    sents = sum(1 for doc in parsed for sent in doc.doc.sents if not sent.text.isspace())
    words = sum(1 for doc in parsed for token in doc.doc if not token.is_space)

    print(f"{len(docs)} texts, {sents} sentences, {words} words; {options.rounds} rounds; one core\n")
    print(f"{'stage':18}{'ms/sentence':>12}{'sentences/s':>13}{'words/s':>10}{'of parser':>11}")
    ground = least["parser"] + least["link"]
    rows = {
        **least,
        "all of rules": ground + least["rules"],
        "all of fast": ground + least["rules + scorer"],
        "all of full": ground + least["and encoder"],
    }
    for name, took in rows.items():
        share = took / least["parser"]
        print(f"{name:18}{1000 * took / sents:12.2f}{sents / took:13.0f}{words / took:10.0f}{share:11.2f}")
    print(
        f"\npeak memory: {peak:.0f} MiB; libraries and texts {before:.0f}, model and tables {loaded:.0f},"
        f" with {len(docs)} parses {after_parser:.0f}"
    )
    for name, took in start_times(3).items():
        print(f"start: {name:22} {took:5.2f} s")
    ratio = (least["link"] + least["rules + scorer"]) / least["parser"]
    linking = least["link"] / least["parser"]
    print(f"\nlinking costs {linking:.2f} of the parser (must be at most 0.15)")
    print(f"our own stages cost {ratio:.2f} of the parser (must be at most 1.00)")
    return 0 if ratio <= 1 and linking <= 0.15 else 1


if __name__ == "__main__":
    sys.exit(main())
