"""The notebooks run from top to bottom as they stand, within a minute each, and show what they promise."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="needs the extra `notebook`")
nbclient = pytest.importorskip("nbclient", reason="needs nbclient")
pytest.importorskip("ipykernel", reason="needs the extra `notebook`")

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LARGEST = 600_000


def outputs(notebook, kind):
    """The outputs of one media type, in order."""
    return [
        output["data"][kind]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if kind in output.get("data", {})
    ]


@pytest.fixture(scope="module")
def executed():
    """Every notebook, executed once in its own folder, with this checkout first on the path."""
    done = {}
    patch = pytest.MonkeyPatch()
    patch.setenv("PYTHONPATH", str(FOLDER.parent), prepend=os.pathsep)
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        start = time.perf_counter()
        nbclient.NotebookClient(
            notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}
        ).execute()
        done[path.name] = (notebook, time.perf_counter() - start)
    patch.undo()
    return done


def test_there_is_a_quickstart():
    assert "01-quickstart.ipynb" in [path.name for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_are_kept_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_run_within_a_minute_and_stay_small(executed, path):
    notebook, seconds = executed[path.name]
    assert seconds < 60
    assert len(json.dumps(notebook)) < LARGEST
    warned = [
        output["text"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.get("name") == "stderr"
    ]
    # The kernel's own remarks about its sockets are none of ours.
    assert [text for text in warned if "IPKernelApp" not in text] == []


@pytest.mark.model
@pytest.mark.slow
def test_the_quickstart_shows_what_it_promises(executed):
    notebook, _ = executed["01-quickstart.ipynb"]
    graph, article, cards, meetings, levels, *_ = outputs(notebook, "text/html")
    assert "statements from 24 documents" in graph
    assert "<mark" in article
    assert "India, Taliban discuss aid and trade in rare Kabul talks" in article
    assert "dashed" in article or "dashed" in cards
    assert "blockquote" in cards
    assert meetings.count("<tr>") >= 5
    assert "Afghanistan" in meetings
    assert "tension" in levels
    assert len(outputs(notebook, "image/png")) == 2
