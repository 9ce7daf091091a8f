"""What all commands share: errors and exit codes, talk on standard error, common options, output."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from kg.errors import InputError, KgError
from kg.extract import DEFAULT

if TYPE_CHECKING:
    from kg.build import Step
    from kg.graph import Graph
    from kg.model import Skipped

F = TypeVar("F", bound=Callable[..., Any])

OK, FAILED, BAD_INPUT, SKIPPED, STOPPED = 0, 1, 2, 3, 130

SHOWN = 20
"""Skipped documents that are named one by one without -v."""


def coloured(text: str, colour: str) -> str:
    """Text for a terminal, unless NO_COLOR is set; `click.echo` takes the colour off for anything else."""
    return text if os.environ.get("NO_COLOR") else click.style(text, fg=colour)


class Failure(click.ClickException):
    """An error that the user can mend: its message, and exit code 2."""

    exit_code = BAD_INPUT

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the message to standard error."""
        click.echo(coloured("Error: ", "red") + self.message, file=file, err=file is None)


class Commands(click.Group):
    """Commands in the order of a user's work, with errors and Ctrl-C turned into messages and exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order in which they were added."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KgError as exc:
            raise Failure(str(exc)) from exc
        except BrokenPipeError:  # `kg extract articles | head -1`: the reader has had enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(OK)
        except KeyboardInterrupt:
            click.echo("\nStopped. What a store holds stays; other files are as they were.", err=True)
            ctx.exit(STOPPED)


class Day(click.ParamType[date]):
    """A day written YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day, or a usage error."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day; write it like 2024-12-31", param, ctx)


class HalfLife(click.ParamType[float]):
    """A number of days, or none for no fading (given on as infinity)."""

    name = "DAYS|none"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The days; `inf` for none."""
        try:
            return float("inf") if value == "none" else float(value)
        except ValueError:
            self.fail(f"{value!r} is no number of days; write a number, or none", param, ctx)


class Talk:
    """Progress on a terminal, warnings, and a last line: all on standard error.

    `level`: 0 usual, above it more (-v), below it less (-q).
    """

    def __init__(self, level: int = 0) -> None:
        self.level = level
        self.live = level == 0 and sys.stderr.isatty()
        self.documents = self.statements = self.skipped = 0
        self.outcomes = {"replaced": 0, "unchanged": 0}

    def document(self, step: Step | Skipped) -> None:
        """Take note of a document that is done."""
        from kg.model import Skipped

        if isinstance(step, Skipped):
            self.skipped += 1
            if self.skipped <= SHOWN or self.level > 0:
                self.warn(f"skipped {step.document}: {step.reason}")
        else:
            self.documents += 1
            self.statements += step.statements
            self.outcomes[step.outcome] = self.outcomes.get(step.outcome, 0) + 1
            if self.level > 0:
                click.echo(f"{step.outcome} {step.document}: {step.statements} statements", err=True)
        if self.live:
            click.echo(f"\r{self.documents} documents, {self.statements} statements ", nl=False, err=True)

    def rows(self, report: Any, *, done: bool = False) -> None:
        """Show how many rows of event data have been read; `done` takes the line away again."""
        if self.live:
            text = " " * 60 if done else f"{report.rows} rows, {report.kept} events "
            click.echo(f"\r{text}" + ("\r" if done else ""), nl=False, err=True)

    def warn(self, message: str) -> None:
        """A warning, on a line of its own."""
        click.echo(("\r" if self.live else "") + coloured(message, "yellow"), err=True)

    def end(self, place: str) -> int:
        """The last line, unless -q; the exit code, which is 3 when documents were skipped."""
        if self.live:
            click.echo("\r" + " " * 60 + "\r", nl=False, err=True)
        if (more := self.skipped - SHOWN) > 0 and self.level <= 0:
            self.warn(f"skipped {more} more; -v names them all")
        if self.level >= 0:
            counts = {name: self.outcomes[name] for name in ("replaced", "unchanged")} | {
                "skipped": self.skipped
            }
            some = "".join(f", {count} {name}" for name, count in counts.items() if count)
            told = f"{plural(self.documents, 'document')}{some}; {plural(self.statements, 'statement')}"
            click.echo(f"{told} -> {place}", err=True)
        return SKIPPED if self.skipped else OK


def plural(count: int, noun: str) -> str:
    """A count with its noun.

    >>> plural(1, "document"), plural(0, "problem")
    ('1 document', '0 problems')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def talking(command: F) -> F:
    """-q and -v, and the package's log on standard error; the command finds its `Talk` in `ctx.obj`."""

    def listen(ctx: click.Context, param: click.Parameter, value: int) -> None:
        """Called for both options, -q first."""
        if param.name == "quiet":
            ctx.obj = Talk(-value)
            return
        ctx.obj = Talk(ctx.obj.level + value)
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger = logging.getLogger("kg")
        wanted = {-2: logging.ERROR, 1: logging.INFO, 2: logging.DEBUG}
        logger.setLevel(wanted.get(max(-2, min(2, ctx.obj.level)), logging.WARNING))
        logger.addHandler(handler)
        ctx.call_on_close(lambda: logger.removeHandler(handler))

    quiet = "Tell less: no progress and no last line; twice: no warnings."
    verbose = "Tell more: every document; twice for debugging."
    shared: dict[str, Any] = {"count": True, "expose_value": False, "callback": listen}
    command = click.option("-v", "--verbose", help=verbose, **shared)(command)
    return click.option("-q", "--quiet", is_eager=True, help=quiet, **shared)(command)


sources_argument = click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
graph_argument = click.argument("graph", metavar="GRAPH")
output_option = click.option(
    "-o", "--output", metavar="FILE", default="-", help="Write here instead of to standard output."
)


actors_option = click.option(
    "--actors",
    metavar="FILE",
    multiple=True,
    help="An actor table of your own, in a format of seeds/; repeatable.",
)


def extraction_options(command: F) -> F:
    """--extractor, --model and --actors."""
    command = actors_option(command)
    model = "Parse with this installed spaCy pipeline (UD labels)."
    command = click.option("--model", metavar="NAME", help=model)(command)
    extractor = "What finds the statements."
    return click.option("--extractor", default=DEFAULT, show_default=True, help=extractor)(command)


def format_option(*names: str) -> Callable[[F], F]:
    """--format with these choices; the first is the default."""
    text = f"Form of the output, if not by the suffix of FILE.  [default: {names[0]}]"
    return click.option("--format", "form", type=click.Choice(names), help=text)


def form_of(form: str | None, target: str, forms: Iterable[str]) -> Any:
    """The form that is asked for: by name, else by the suffix of the file, else the first of `forms`."""
    known = list(forms)
    suffix = Path(target).suffix.removeprefix(".").lower()
    if form or target == "-" or not suffix:
        return form or known[0]
    if suffix not in known:
        raise InputError(f"{target}: no form for this suffix; choose one of {', '.join(known)}, or --format")
    return suffix


def load(path: str) -> Graph:
    """The graph in a file or store folder."""
    from kg.graph import Graph

    return Graph.load(path)


def check_target(target: str, forms: Iterable[str]) -> None:
    """Raise `InputError` before the work begins when its result could not be written."""
    form_of(None, target, forms)
    folder = Path(target).parent
    if target != "-" and (Path(target).is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK)):
        raise InputError(f"{target}: cannot be written; name a file in a folder that exists")


@contextmanager
def writing(target: str) -> Iterator[IO[bytes]]:
    """Where the data goes: standard output for `-`, otherwise a file that appears whole or not at all."""
    if target == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    from kg.files import replacing

    with replacing(Path(target)) as out:
        yield out


def emit(data: str | bytes, target: str = "-") -> None:
    """Write all data at once."""
    with writing(target) as out:
        out.write(data.encode() if isinstance(data, str) else data)
