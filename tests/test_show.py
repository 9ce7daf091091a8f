"""Pictures are not empty and say what they show; HTML is escaped and quotes exactly; bytes never differ."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from html.parser import HTMLParser

import matplotlib
import numpy as np
import pytest
from matplotlib.image import imread

from kg.errors import InputError
from kg.model import Document, Evidence, Mention, Span, Statement, When
from kg.show import KINDS, Picture, card, highlight, overview, picture, render, table
from kg.show.html import marked, quote_in_sentence
from kg.show.layout import layout
from kg.show.style import ENGAGEMENT, TENSION, settings
from kg.views import VIEWS, make_view

DAY = date(2024, 1, 10)


def say(source, relation, target, day=DAY, *, quote="words", doc="d1", **more):
    evidence = Evidence(doc, Span(0, len(quote)), quote, f"{quote}.", "hand 1", "by hand")
    return Statement(source, relation, target, when=When(day, day), evidence=(evidence,), **more)


def statements():
    """A year of two story lines, with every kind of reading."""
    found = []
    for k in range(12):
        day = DAY + timedelta(28 * k)
        found.append(say("AUS", "sanction" if k < 6 else "consult", "CHN", day, quote="a visit"))
        found.append(say("AFG", "accuse", "PAK", day))
        found.append(say("IND", "aid", "AFG", day + timedelta(2)))
    found += [
        say("AFG", kind, "PAK", DAY + timedelta(310))
        for kind in ("assault", "threaten", "coerce", "reject", "mobilize", "sanction")
    ]
    return [
        *found,
        say("USA", "allied_with", "AUS"),
        say("USA", "at_odds_with", "CHN"),
        say("AUS", "at_odds_with", "CHN"),
        say("IND", "has_mission_in", "AFG", quote="embassy"),
        say("USA", "present_in", "JPN"),
        say("AFG", "aid", "TTP", status="alleged", speaker="PAK"),
        say("CHN", "consult", "AUS", DAY + timedelta(200), polarity="-"),
    ]


def view(name, **options):
    extra = {"ego": {"center": "CHN"}, "claims": {"pair": ("AUS", "CHN")}}.get(name, {})
    return make_view(name, statements(), **extra, **options)


ALL = [(name, kind) for name in sorted(VIEWS) for kind in KINDS[name]]


def pixels(data):
    return imread(io.BytesIO(data), format="png")[..., :3]


def has_colour(image, colour):
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return int((np.abs(image - wanted).max(axis=-1) < 0.02).sum()) > 20


def words(svg):
    """The text of an SVG file."""
    return " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg.decode()))


def test_every_view_has_a_picture():
    assert set(KINDS) == set(VIEWS)


@pytest.mark.parametrize(("name", "kind"), ALL)
def test_pictures_are_not_blank_and_say_what_they_show(name, kind):
    made = view(name)
    image = pixels(render(made, "png", kind=kind, dpi=60))
    ink = (image.min(axis=-1) < 0.9).mean()
    assert 0.005 < ink < 0.6
    text = words(render(made, "svg", kind=kind))
    if kind != "overview":
        assert made.title in text
    assert made.source_line[:20] in text
    names = [made.graph.nodes[code]["name"] for code in made.graph]
    assert any(part in text for part in (*names, *(made.graph if kind == "map" else ())))


@pytest.mark.parametrize(("name", "kind"), [("overview", None), ("alignment", "network"), ("timeline", None)])
def test_both_axes_have_their_colour_and_a_legend(name, kind):
    image = pixels(render(view(name), "png", kind=kind, dpi=100))
    text = words(render(view(name), "svg", kind=kind))
    assert "tension" in text
    assert "engagement" in text
    if name != "timeline":  # filled with some transparency there
        assert has_colour(image, TENSION)
        assert has_colour(image, ENGAGEMENT)


def test_a_ranking_shows_pairs_units_and_counts():
    text = words(render(view("tension"), "svg"))
    assert "Australia – China" in text
    assert "severity points per 30 days, log2(1 + x)" in text
    assert "90 % intervals" in text
    assert re.search(r"\b18\b", text)


def test_the_overview_names_the_pairs_it_follows():
    text = words(overview(view("overview")).to_bytes("svg"))
    for name in ("Australia – China", "Afghanistan – Pakistan", "half-life 90 days", "India"):
        assert name in text


@pytest.mark.parametrize("form", ["png", "svg"])
@pytest.mark.parametrize("name", ["overview", "signed", "alignment", "states"])
def test_the_same_view_gives_the_same_bytes(name, form):
    assert render(view(name), form) == render(view(name), form)


def test_files_carry_no_date():
    svg = render(view("tension"), "svg").decode()
    assert "<dc:date>" not in svg
    assert not re.search(r"20[3-9]\d-\d\d-\d\d", svg)
    assert b"Software" not in render(view("tension"), "png")


def test_the_settings_of_the_user_stay():
    before = matplotlib.rcParams["axes.edgecolor"]
    with settings():
        assert matplotlib.rcParams["axes.edgecolor"] != before
    assert matplotlib.rcParams["axes.edgecolor"] == before


@pytest.mark.parametrize("name", sorted(set(VIEWS) - {"ego", "timeline"}))
def test_a_picture_of_nothing_says_so(name):
    extra = {"pair": ("AUS", "CHN")} if name == "claims" else {}
    text = words(render(make_view(name, [], **extra), "svg"))
    assert re.search(r"no event|nothing|at least two", text)


def test_pictures_are_saved_and_shown(tmp_path):
    made = view("tension").show()
    assert isinstance(made, Picture)
    assert made._repr_png_()[:4] == b"\x89PNG"
    assert made.save(tmp_path / "a.svg").read_bytes() == made.to_bytes("svg")
    assert view("tension").save(tmp_path / "b.png").read_bytes()[:4] == b"\x89PNG"
    with pytest.raises(InputError, match=r"\.pdf"):
        made.save(tmp_path / "a.pdf")
    with pytest.raises(InputError, match="cannot be written"):
        made.save(tmp_path / "missing" / "a.png")


def test_a_kind_of_another_view_is_refused():
    with pytest.raises(InputError, match="'tension' has no picture 'matrix'"):
        picture(view("tension"), "matrix")


def test_labels_of_a_network_do_not_overlap():
    nodes = [f"N{i:02d}" for i in range(24)]
    edges = {(nodes[i], nodes[(7 * i + 3) % 24]): 1.0 for i in range(24) if i != (7 * i + 3) % 24}
    sizes = np.array([[50.0 + 3 * (i % 7), 16.0] for i in range(24)])
    room = np.array([690.0, 470.0])
    place = layout(nodes, edges, sizes, room)
    for i in range(24):
        for j in range(i):
            apart = np.abs(place[i] - place[j]) - (sizes[i] + sizes[j]) / 2
            assert apart.max() >= 0, (nodes[i], nodes[j])
    assert (place - sizes / 2 >= 0).all()
    assert (place + sizes / 2 <= room).all()


# --- HTML ------------------------------------------------------------------------------------------------

TEXT = "India & Iran <met> in Kabul. Iran denied that it attacked India.\n\nIndia denied it."
DOCUMENT = Document("d1", TEXT, title="A <b>title</b>", published=DAY)


def at(quote, start=0):
    begin = TEXT.index(quote, start)
    return Span(begin, begin + len(quote))


def found(relation, quote, sentence, start=0, **more):
    evidence = Evidence("d1", at(quote, start), quote, sentence, "hand 1", "by <hand>")
    return Statement("IND", relation, "IRN", evidence=(evidence,), **more)


STATEMENTS = [
    found("consult", "India & Iran <met>", "India & Iran <met> in Kabul."),
    found("assault", "it attacked India", "Iran denied that it attacked India.", polarity="-"),
]
MENTIONS = [
    Mention(at("India"), "India", "IND", "name", 0, 0, 0, why='a "name"'),
    Mention(at("Iran"), "Iran", "IRN", "name", 2, 2, 2),
    Mention(at("Kabul"), "Kabul", "AFG", "capital", 6, 6, 6),
]


class Text(HTMLParser):
    """The text of a page, and whether all its elements are closed in order."""

    def __init__(self, page):
        super().__init__()
        self.open, self.text, self.tags = [], [], []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("sub", "sup"):
            self.text.append(data)


def test_highlighting_loses_nothing_of_the_text():
    page = Text(highlight(DOCUMENT, MENTIONS, STATEMENTS))
    assert TEXT.replace("\n", "") in "".join(page.text)


def test_highlighting_marks_actors_and_statements():
    html = highlight(DOCUMENT, MENTIONS, STATEMENTS)
    marks = [attrs for tag, attrs in Text(html).tags if tag == "mark"]
    assert ENGAGEMENT in marks[0]["style"]
    assert "solid" in marks[0]["style"]
    assert TENSION in marks[-1]["style"]
    assert "dashed" in marks[-1]["style"]  # denied
    assert marks[-1]["title"] == str(STATEMENTS[1])
    assert "<sub" in html
    assert "AFG" in html
    assert "&lt;met&gt;" in html
    assert "<met>" not in html
    assert "<b>title" not in html
    assert "not assault" in html


def test_highlighting_leaves_other_documents_out():
    other = Statement(
        "IND", "aid", "AFG", evidence=(Evidence("d2", Span(0, 5), "India", "India.", "h", "h"),)
    )
    assert "<mark" not in highlight(DOCUMENT, [], [other])


def test_overlapping_marks_are_cut_not_crossed():
    two = [
        found("consult", "India & Iran <met> in Kabul", "India & Iran <met> in Kabul."),
        found("aid", "<met> in Kabul. Iran denied", "India & Iran <met> in Kabul."),
    ]
    page = Text(highlight(DOCUMENT, MENTIONS, two))
    assert TEXT.replace("\n", "") in "".join(page.text)


def test_a_card_quotes_the_right_one_of_two_equal_quotations():
    sentence = "it rained, it rained."
    document = Document("d9", f"Well. {sentence}")
    evidence = Evidence("d9", Span(6 + 11, 6 + 13), "it", sentence, "hand 1", "by hand")
    assert quote_in_sentence(evidence, document.text) == Span(11, 13)
    assert quote_in_sentence(evidence) == Span(0, 2)
    assert marked(sentence, 11, 13).startswith("it rained, <mark")


def test_a_card_says_everything():
    stmt = found(
        "consult",
        "India & Iran <met>",
        "India & Iran <met> in Kabul.",
        status="alleged",
        when=When(DAY, DAY),
        place="Kabul",
        speaker="PAK",
        source_agents=("A & B",),
        confidence=0.875,
    )
    text = " ".join(Text(card(stmt, DOCUMENT)).text)
    for part in (
        "IND",
        "consult",
        "IRN",
        "alleged",
        "2024-01-10",
        "Kabul",
        "PAK",
        "A & B",
        "0.88",
        stmt.id,
        "by <hand>",
    ):
        assert part in text


def test_tables_are_escaped_and_cut():
    rows = [{"name": "<x>", "value": 0.123456, "known": None, "sure": True, "n": i} for i in range(70)]
    html = table(rows, ["name", "value", "known", "sure", "n"], caption="a & b", note="note")
    text = " ".join(Text(html).text)
    assert "<x>" not in html
    for part in ("0.1235", "–", "yes", "the first 60 of 70 rows", "a & b"):
        assert part in text
    assert html.count("<tr>") == 61


def test_views_show_themselves_in_notebooks():
    html = view("tension")._repr_html_()
    assert "Tension between states" in html
    assert "AUS" in html
    Text(html)
