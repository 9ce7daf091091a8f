"""From the trained network to the files that `encoder` reads: ONNX with 8-bit weights, checked."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kg.extract.encoder import MODEL, SETTINGS, WORDS
from kg.extract.weighing import Weighing

if TYPE_CHECKING:
    from kg.extract.network import PairNetwork

INPUTS = ("ids", "source", "target", "roles", "gap")
OUTPUTS = ("logits", "attention", "status", "negated")
EXACT = 1e-3
"""Largest difference of a log-odds between the network and its export in full precision."""


def export(
    network: PairNetwork,
    words: Path,
    roles: list[str],
    relations: list[str],
    weighing: Weighing,
    folder: Path,
) -> float:
    """Write model, tokenizer and settings; returns the mean difference that 8-bit weights make to log-odds.

    Weights are quantised per channel to 7 bits in 8, so that processors without wide integer sums give the
    same result; the word embeddings too. Raises `RuntimeError` when the export computes something else.
    """
    import onnxruntime
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    from kg.extract.network import OneSentence

    network.eval()
    single = OneSentence(network).eval()
    trial = sample(23, 5)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch, "exact.onnx")
        pieces, pairs = torch.export.Dim("pieces", min=2, max=512), torch.export.Dim("pairs", min=1, max=8192)
        program = torch.onnx.export(
            single,
            tuple(torch.from_numpy(trial[name]) for name in INPUTS),
            dynamo=True,
            opset_version=18,
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_shapes=(
                {1: pieces},
                {0: pairs, 1: pieces},
                {0: pairs, 1: pieces},
                {0: pairs},
                {0: pairs},
            ),
        )
        assert program is not None
        program.save(exact, external_data=False)
        quantize_dynamic(
            exact,
            folder / MODEL,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gemm", "Gather"],
        )
        sessions = [
            onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
            for path in (exact, folder / MODEL)
        ]
        drift = []
        for length, rows in ((23, 5), (7, 1), (120, 40)):
            values = sample(length, rows)
            with torch.inference_mode():
                wanted = single(*(torch.from_numpy(values[name]) for name in INPUTS))[0].numpy()
            full, small = (session.run(None, values)[0] for session in sessions)
            if np.abs(full - wanted).max() > EXACT:
                raise RuntimeError(
                    f"the ONNX export differs by {np.abs(full - wanted).max():.4f} in log-odds"
                )
            drift.append(float(np.abs(small - wanted).mean()))
    (folder / WORDS).write_text(words.read_text(encoding="utf-8"), encoding="utf-8")
    settings = {"relations": relations, "roles": roles, "weighing": asdict(weighing)}
    (folder / SETTINGS).write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    return max(drift)


def sample(length: int, rows: int) -> dict[str, np.ndarray]:
    """Inputs of that many word pieces and pairs, the same every time."""
    random = np.random.default_rng(0)
    weights = np.zeros((2, rows, length), dtype=np.float32)
    for side in weights:
        side[np.arange(rows), random.integers(0, length, rows)] = 1.0
    return {
        "ids": random.integers(1000, 20000, (1, length)),
        "source": weights[0],
        "target": weights[1],
        "roles": random.integers(0, 8, (rows, 2)),
        "gap": random.integers(1, 19, rows),
    }
