"""One look for all pictures: two colours for the two axes, quiet lines, the same bytes on every run."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from kg.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Red and blue of nearly equal weight that stay apart for all common kinds of colour blindness.
TENSION = "#c8372d"
ENGAGEMENT = "#2166ac"
INK = "#1f2430"
QUIET = "#7b8290"
LINE = "#e3e6ea"
PAPER = "#ffffff"
NO_DATA = "#eceef0"

_SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so every machine has it
    "font.size": 10.0,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": QUIET,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "svg.fonttype": "none",  # text stays text: small files that can be searched
    "svg.hashsalt": "bilateral-kg",
    "path.simplify": True,
}


class Viewed(Protocol):
    """What a picture needs of a view (see `kg.views.View`)."""

    @property
    def name(self) -> str:
        """Name of the view."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Its rows."""

    @property
    def graph(self) -> Any:
        """Its networkx graph."""

    @property
    def report(self) -> Mapping[str, Any]:
        """Numbers about the whole graph."""

    @property
    def source_line(self) -> str:
        """What was counted, in one line."""


class Picture:
    """A finished figure; Jupyter shows it, `save` writes it. `figure` is the matplotlib figure."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure

    def to_bytes(self, form: str = "png", *, dpi: int = 150) -> bytes:
        """The picture as "png" or "svg"; the same picture always gives the same bytes."""
        out = io.BytesIO()
        # No creation date and no version of the drawing library in the file.
        metadata = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
        with settings():
            self.figure.savefig(out, format=form, dpi=dpi, metadata=metadata)
        return out.getvalue()

    def save(self, path: Path | str, *, dpi: int = 150) -> Path:
        """Write a png or svg file, by its suffix; raises `InputError` for another suffix or a bad path."""
        path = Path(path)
        form = path.suffix.lower().lstrip(".")
        if form not in ("png", "svg"):
            raise InputError(f"{path}: a picture is written as .png or .svg, not as {path.suffix!r}")
        try:
            path.write_bytes(self.to_bytes(form, dpi=dpi))
        except OSError as exc:
            raise InputError(f"{path}: cannot be written: {exc.strerror or exc}") from exc
        return path

    def _repr_png_(self) -> bytes:
        return self.to_bytes("png", dpi=100)

    def __repr__(self) -> str:
        width, height = self.figure.get_size_inches()
        return f"<Picture of {width:g} x {height:g} inches>"


@contextmanager
def settings() -> Iterator[None]:
    """Our settings of matplotlib, for as long as a picture is made; those of the user come back after."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure that belongs to no window, in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def head(figure: Figure, title: str, subtitle: str = "") -> None:
    """Title at the top left, with a quieter line below."""
    width, height = figure.get_size_inches()
    figure.text(0.28 / width, 1 - 0.42 / height, title, fontsize=15, fontweight="bold", va="baseline")
    if subtitle:
        figure.text(0.28 / width, 1 - 0.70 / height, subtitle, fontsize=9.5, color=QUIET, va="baseline")


def foot(figure: Figure, text: str) -> None:
    """The source line at the bottom, in one or two lines."""
    import textwrap

    width, height = figure.get_size_inches()
    lines = textwrap.wrap(text, int((width - 0.5) * 72 / 3.9), max_lines=2, placeholder=" …")
    for i, line in enumerate(lines):
        figure.text(
            0.28 / width,
            (0.12 + 0.14 * (len(lines) - 1 - i)) / height,
            line,
            fontsize=7.2,
            color=QUIET,
            va="baseline",
        )


def renderer_of(figure: Figure) -> Any:
    """What measures texts of a figure before it is drawn."""
    return cast("Any", figure.canvas).get_renderer()


def bare(axes: Axes) -> None:
    """No frame, no ticks."""
    axes.set_axis_off()


def axis_legend(figure: Figure, *, right: float = 0.28, top: float = 0.44, size: float = 9.5) -> None:
    """The two colours and what they stand for, at the top right."""
    width, height = figure.get_size_inches()
    x = 1 - right / width
    for label, colour in (("engagement", ENGAGEMENT), ("tension", TENSION)):
        figure.text(
            x, 1 - top / height, label, fontsize=size, color=colour, ha="right", va="baseline", weight="bold"
        )
        x -= (0.095 * len(label) * size / 9.5 + 0.24) / width


def empty(title: str, reason: str) -> Figure:
    """A picture that says why there is nothing to see."""
    figure = new_figure(8, 2.4)
    head(figure, title)
    figure.text(0.5, 0.42, reason, ha="center", va="center", color=QUIET)
    return figure
