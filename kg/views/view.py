"""What every view returns: rows for a table, a networkx graph, and the parameters that made them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import InputError

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

Row = dict[str, Any]
FORMATS = ("csv", "json", "graphml", "gexf", "html", "png", "svg")


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A summary of statements: `rows` to read, `graph` to compute with.

    Every edge of `graph` has the attribute `statements`: the ids of the statements behind it, by day.
    `parameters` says what was counted (window, half-life, options); `left_out` how many statements were not
    counted, by reason. A value that cannot be known is None, never 0.
    `report` has numbers about the whole graph, `parts` further views that the picture shows beside this one.
    """

    name: str
    title: str
    parameters: Mapping[str, Any]
    rows: list[Row]
    graph: nx.Graph
    left_out: Mapping[str, int] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[View, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order, even if not every row has all of them."""
        return list(dict.fromkeys(key for row in self.rows for key in row))

    @property
    def source_line(self) -> str:
        """One line that says what the numbers are of: window, half-life, number of statements left out."""
        parts = [
            f"{key.replace('_', ' ')} {_plain(value)}" for key, value in self.parameters.items() if value
        ]
        missing = [f"{count} {reason}" for reason, count in self.left_out.items() if count]
        return "; ".join(parts) + (f". Left out: {', '.join(missing)}" if missing else "")

    def statements(self, a: str, b: str) -> list[str]:
        """Ids of the statements behind the edge or edges between two actors, in both directions."""
        found: list[str] = []
        for left, right in ((a, b), (b, a)) if self.graph.is_directed() else ((a, b),):
            data = self.graph.get_edge_data(left, right, default={})
            for attributes in data.values() if self.graph.is_multigraph() else (data,):
                found.extend(attributes.get("statements", ()))
        return list(dict.fromkeys(found))

    def to_networkx(self) -> nx.Graph:
        """The graph itself (`graph`)."""
        return self.graph

    def to_frame(self) -> pd.DataFrame:
        """The rows as a pandas data frame; needs the extra `frames`."""
        import pandas as pd

        return pd.DataFrame(self.rows, columns=self.columns)

    def to_csv(self) -> str:
        """The rows as comma-separated text with a header line; None is an empty field."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        columns = self.columns
        writer.writerow(columns)
        writer.writerows([_plain(row.get(column)) for column in columns] for row in self.rows)
        return out.getvalue()

    def to_json(self) -> str:
        """Name, parameters, what was left out, report and rows as one JSON object."""
        value = {
            "view": self.name,
            "title": self.title,
            "parameters": dict(self.parameters),
            "left_out": dict(self.left_out),
            "report": dict(self.report),
            "rows": self.rows,
        }
        return json.dumps(value, ensure_ascii=False, indent=1, default=_plain) + "\n"

    def to_graphml(self) -> str:
        """The graph as GraphML; lists are joined by spaces, unknown values left away."""
        import networkx as nx

        return "\n".join(nx.generate_graphml(self._scalar_graph(), prettyprint=True)) + "\n"

    def to_html(self) -> str:
        """The rows as an HTML table with a caption."""
        from kg.show.html import table

        return table(self.rows, self.columns, caption=self.title, note=self.source_line)

    def to_page(self, **options: Any) -> str:
        """A page that stands alone: the picture (see `show`), and the rows below it."""
        from html import escape

        from kg.show import render

        drawn = render(self, "svg", **options).decode()
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            f"<title>{escape(self.title)}</title></head>\n<body>\n"
            f"{drawn[drawn.index('<svg') :]}\n{self.to_html()}\n</body></html>\n"
        )

    def _repr_html_(self) -> str:
        return self.to_html()

    def __str__(self) -> str:
        return f"{self.title}: {len(self.rows)} rows ({self.source_line})"

    def show(self, **options: Any) -> Any:
        """The picture of this view, as a matplotlib figure; see `kg.show.picture`."""
        from kg.show import picture

        return picture(self, **options)

    def save(self, path: Path | str, **options: Any) -> Path:
        """Write the view to a file; the suffix decides: csv, json, graphml, gexf, html, png or svg.

        The file appears whole or not at all. Raises `InputError` for another suffix or an unwritable path.
        """
        path = Path(path)
        suffix = path.suffix.lower().lstrip(".")
        if suffix not in FORMATS:
            raise InputError(
                f"{path}: a view cannot be written as {suffix!r}; use one of {', '.join(FORMATS)}"
            )
        part = path.with_name(f".{path.name}.part")
        try:
            part.write_bytes(self.render(suffix, **options))
            part.replace(path)
        except OSError as exc:
            raise InputError(f"{path}: cannot be written: {exc.strerror or exc}") from exc
        finally:
            part.unlink(missing_ok=True)
        return path

    def render(self, form: str, **options: Any) -> bytes:
        """The view in one of `FORMATS`, as bytes; the same view always gives the same bytes."""
        if form in ("png", "svg"):
            from kg.show import render

            return render(self, form, **options)
        if form == "gexf":
            import networkx as nx

            # networkx stamps the file with today's date, which would make every run differ.
            lines = [
                line for line in nx.generate_gexf(self._scalar_graph()) if "lastmodifieddate" not in line
            ]
            return ("\n".join(lines) + "\n").encode()
        if form == "html":
            return self.to_page(**options).encode()
        texts = {"csv": self.to_csv, "json": self.to_json, "graphml": self.to_graphml}
        if form not in texts:
            raise InputError(f"a view cannot be given as {form!r}; use one of {', '.join(FORMATS)}")
        return texts[form]().encode()

    def _scalar_graph(self) -> nx.Graph:
        plain = self.graph.__class__()
        for node, data in self.graph.nodes(data=True):
            plain.add_node(node, **_scalars(data))
        if self.graph.is_multigraph():
            for a, b, key, data in self.graph.edges(keys=True, data=True):
                plain.add_edge(a, b, key=key, **_scalars(data))
        else:
            for a, b, data in self.graph.edges(data=True):
                plain.add_edge(a, b, **_scalars(data))
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " ".join(str(item) for item in value)
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else value


def _scalars(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _plain(value) for key, value in data.items() if value is not None}
