from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

import kg.resources
from kg.errors import OntologyError
from kg.model import When
from kg.when import Time, resolve_times
from kg.when.words import words

SHARED = Path(__file__).parent.parent.parent / "shared" / "eval"
PUBLISHED = date(2024, 11, 7)  # a Thursday
NLP = spacy.blank("en")


def read(text: str, published: date | None = PUBLISHED) -> list[tuple[str, str, str | None]]:
    """The expressions, with the ends of their intervals."""
    doc = NLP(text)
    return [
        (doc[t.first : t.last + 1].text, t.when.first, t.when.last) for t in resolve_times(doc, published)
    ]


def one(text: str, published: date | None = PUBLISHED) -> str:
    """The only interval of a text, as `first` or `first/last`."""
    ((_, first, last),) = read(text, published)
    return f"{first}/{last}" if last else first


@pytest.mark.parametrize(
    "text, when",
    [
        # days
        ("They met on 4 November 2024.", "2024-11-04"),
        ("They met on November 4, 2024, in Kabul.", "2024-11-04"),
        ("They met on Nov. 4, 2024.", "2024-11-04"),
        ("They met on Sept 11 2001.", "2001-09-11"),
        ("They met on the 4th of November 2024.", "2024-11-04"),
        ("They met on Monday, November 4, 2024.", "2024-11-04"),
        ("Issued Thu, 7 Nov 2024", "2024-11-07"),
        ("Issued 2024-11-04.", "2024-11-04"),
        ("They met on 4 November.", "2024-11-04"),
        ("They met on December 20.", "2023-12-20"),
        ("They will meet on 4 November.", "2025-11-04"),
        ("They told him of talks on November 20.", "2024-11-20"),
        ("It fell on 3 March last year.", "2023-03-03"),
        # ranges
        ("during the November 4-5 visit to Kabul", "2024-11-04/2024-11-05"),
        ("a visit on 4–6 November 2024", "2024-11-04/2024-11-06"),
        ("a visit from 30 November to 2 December 2001", "2001-11-30/2001-12-02"),
        ("fighting between 3 March and 5 April 2015", "2015-03-03/2015-04-05"),
        ("from 14 March 2001 until April 2003", "2001-03/2003-04"),
        # months
        ("They parted in March 2014.", "2014-03"),
        ("They parted in Mar. 2014.", "2014-03"),
        ("They parted in early March 2014.", "2014-03"),
        ("They parted in March.", "2024-03"),
        ("They parted in December.", "2023-12"),
        ("They will part in March.", "2025-03"),
        ("They parted last March.", "2024-03"),
        ("They part next March.", "2025-03"),
        ("It shut after the June summit.", "2024-06"),
        ("They met in August last year.", "2023-08"),
        ("from March to June 2014", "2014-03/2014-06"),
        ("from November to January 2015", "2014-11/2015-01"),
        ("from September to October", "2024-09/2024-10"),
        ("by the end of June", "2024-06"),
        # years and longer
        ("It fell in 2001.", "2001"),
        ("dislodged from power in late 2001", "2001"),
        ("the 2015 nuclear deal", "2015"),
        ("its disputed 2003 invasion", "2003"),
        ("the war (1914-18)", "1914/1918"),
        ("It ruled from 1996 to 2001.", "1996/2001"),
        ("It ruled between 1996 and 2001.", "1996/2001"),
        ("in the 1990s", "1990/1999"),
        ("in the mid-1990s", "1994/1996"),
        ("in the late '80s", "1987/1989"),
        ("in the 19th century", "1801/1900"),
        ("in the early twentieth century", "1901/1933"),
        ("in the summer of 2015", "2015-06/2015-08"),
        ("in the winter of 2014", "2014-12/2015-02"),
        ("in the second quarter of 1987", "1987-04/1987-06"),
        ("in the second half of 2014", "2014-07/2014-12"),
        # counted from publication
        ("He left on Thursday.", "2024-11-07"),
        ("He left on Monday.", "2024-11-04"),
        ("He left on Friday.", "2024-11-01"),
        ("He will leave on Friday.", "2024-11-08"),
        ("He is to leave on Friday.", "2024-11-08"),
        ("He agreed to leave on Friday.", "2024-11-08"),
        ("The minister arrives on Friday.", "2024-11-08"),
        ("On Friday, the minister will leave.", "2024-11-08"),
        ("He said on Friday that he will leave.", "2024-11-01"),
        ("Talks are expected to be held on Friday.", "2024-11-08"),
        ("He left last Thursday.", "2024-10-31"),
        ("He leaves next Thursday.", "2024-11-14"),
        ("He left on Friday last week.", "2024-11-01"),
        ("He left early Tuesday.", "2024-11-05"),
        ("He left today.", "2024-11-07"),
        ("He left yesterday.", "2024-11-06"),
        ("He left the day before yesterday.", "2024-11-05"),
        ("He left last night.", "2024-11-06"),
        ("He leaves tomorrow.", "2024-11-08"),
        ("He left last week.", "2024-10-28/2024-11-03"),
        ("He left earlier this week.", "2024-11-04/2024-11-07"),
        ("He leaves later this week.", "2024-11-07/2024-11-10"),
        ("He left at the weekend; last weekend, to be exact.", "2024-11-02/2024-11-03"),
        ("He left last month.", "2024-10"),
        ("He leaves next month.", "2024-12"),
        ("He left earlier this month.", "2024-11"),
        ("He left last year.", "2023"),
        ("He leaves early next year.", "2025"),
        ("He left two days ago.", "2024-11-05"),
        ("He left nearly two weeks ago.", "2024-10-21/2024-10-27"),
        ("He left three months ago.", "2024-08"),
        ("He left twenty-five years ago.", "1999"),
        ("He left a year ago.", "2023-11"),
        ("He left a day earlier.", "2024-11-06"),
        ("for the past two years", "2022/2024"),
        ("within the next three months", "2024-11/2025-02"),
        ("after almost two decades of war", "2004/2024"),
        ("since August 2021", "2021-08/2024-11"),
        ("since 1979", "1979/2024"),
        ("ten months after it withdrew its diplomats", "2024-01"),
    ],
)
def test_an_expression_stands_for_an_interval(text, when):
    assert one(text) == when


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Officials say that they may meet.", id="may, the verb"),
        pytest.param("The rebels march on Kabul.", id="march, the verb"),
        pytest.param("Tens of thousands joined the March on Washington.", id="March on"),
        pytest.param("Prime Minister May met Ambassador Sun.", id="surnames"),
        pytest.param("Theresa May said no.", id="May said"),
        pytest.param("The Sun reported it.", id="the paper"),
        pytest.param("The Sunday Times reported the Good Friday Agreement.", id="papers and feasts"),
        pytest.param("Resolution 1973 was adopted.", id="a resolution"),
        pytest.param("It sent 2000 troops and 1,500 tonnes.", id="counts"),
        pytest.param("They rose to 2000 troops, from 1500 soldiers.", id="counts after a preposition"),
        pytest.param("Oil rose 5.3 pct to 19.87 dollars.", id="prices"),
        pytest.param("They met at 1500 GMT.", id="time of day"),
        pytest.param("He is in his 60s.", id="an age"),
        pytest.param("They met on 30 February 2011.", id="no such day"),
        pytest.param("He left recently, several years ago.", id="too vague"),
        pytest.param("That year they met.", id="nothing to count from"),
        pytest.param("", id="nothing at all"),
    ],
)
def test_what_is_no_date(text):
    assert read(text) == []


@pytest.mark.parametrize(
    "text, times",
    [
        ("They met on 4 November 2001. Two days later they parted.", ["2001-11-04", "2001-11-06"]),
        ("They met on 4 November 2001. The following day they parted.", ["2001-11-04", "2001-11-05"]),
        ("They met in 1961. A year later they parted.", ["1961", "1962"]),
        ("He died in May 1945. That August it ended.", ["1945-05", "1945-08"]),
        ("It voted in 2013, in August that year.", ["2013", "2013-08"]),
        (
            "Iraq demanded on Sunday that they leave, two days after a drone killed him.",
            ["2024-11-03", "2024-11-01"],
        ),
        (
            "They swept back in August 2021, when troops left after almost two decades of war.",
            ["2021-08", "2001"],
        ),
        ("They met from Monday to Wednesday and parted on Thursday.", ["2024-11-04", "2024-11-07"]),
        ("They tried in 1994 and 1995.", ["1994", "1995"]),
    ],
)
def test_times_are_counted_from_the_time_told_before(text, times):
    assert [first for _, first, _ in read(text)] == times


def test_ranges_are_united():
    assert read("They met from Monday to Wednesday.") == [("Monday to Wednesday", "2024-11-04", "2024-11-06")]


def test_precision_is_the_unit_in_which_the_ends_are_known():
    def when(text: str) -> When:
        return resolve_times(NLP(text), PUBLISHED)[0].when

    assert when("in late 2001") == When(date(2001, 10, 1), date(2001, 12, 31), "year")
    assert when("in early March 2014") == When(date(2014, 3, 1), date(2014, 3, 11), "month")
    assert when("in mid-2001").precision == "year"
    assert when("last week").precision == "day"
    assert when("from May 2001 to 2003").precision == "year"


def test_without_a_publication_date_only_absolute_times_are_resolved():
    text = "Yesterday, on Monday, last month and two weeks ago they met; in August 2021 they parted."
    assert read(text, None) == [("August 2021", "2021-08", None)]
    assert read("They met since 1979.", None) == [("1979", "1979", None)]


def test_a_full_date_in_the_dateline_stands_in_for_a_publication_date():
    text = "GAZA CITY, Gaza Strip Sept. 7, 2004 - Helicopters attacked a camp early Tuesday."
    assert [first for _, first, _ in read(text, None)] == ["2004-09-07", "2004-09-07"]
    assert [first for _, first, _ in read("On Sept. 7, 2004 he left. On Tuesday he came.", None)] == [
        "2004-09-07"
    ]


def test_in_a_history_a_day_without_a_year_falls_in_the_year_named_last():
    text = "They recognised each other in 1853. On December 2, the envoys signed. In March he left."
    assert [first for _, first, _ in read(text, date(2009, 1, 1))] == ["1853", "1853-12-02", "1853-03"]


def test_news_that_mentions_the_past_counts_from_publication_all_the_same():
    text = "On Monday they freed him, seized in 2014. In March the court had ruled."
    assert [first for _, first, _ in read(text)] == ["2024-11-04", "2014", "2024-03"]


def test_tags_tell_verbs_in_the_past_from_participles():
    words = ["He", "held", "talks", "on", "Friday", "."]
    past = Doc(NLP.vocab, words=words, tags=["PRP", "VBD", "NNS", "IN", "NNP", "."])
    assert resolve_times(past, PUBLISHED)[0].when.start == date(2024, 11, 1)
    words = ["Talks", "will", "be", "held", "in", "Oslo", "Friday", "."]
    plan = Doc(NLP.vocab, words=words, tags=["NNS", "MD", "VB", "VBN", "IN", "NNP", "NNP", "."])
    assert resolve_times(plan, PUBLISHED)[0].when.start == date(2024, 11, 8)


def test_the_tense_of_another_sentence_does_not_count():
    assert [first for _, first, _ in read("They will leave. It was on Friday.")] == ["2024-11-01"]


def test_a_sentence_of_a_document_gives_indices_of_the_document():
    doc = NLP("He came. He left on Monday.")
    doc[3].is_sent_start = True
    (time,) = resolve_times(doc[3:], PUBLISHED)
    assert doc[time.first].text == doc[time.last].text == "Monday"
    assert time.first == 6


def test_plain_tokens_are_enough():
    tokens = [
        SimpleNamespace(text=word, whitespace_=" ") for word in ("He", "left", "on", "4", "May", "2024")
    ]
    assert resolve_times(tokens, None) == [Time(3, 5, When(date(2024, 5, 4), date(2024, 5, 4)))]


def test_how_a_range_is_cut_into_tokens_does_not_matter():
    for cut in (["November", "4-5"], ["November", "4", "-", "5"]):
        tokens = [SimpleNamespace(text=word, whitespace_="") for word in cut]
        tokens[0].whitespace_ = " "
        assert resolve_times(tokens, PUBLISHED)[0].when == When(date(2024, 11, 4), date(2024, 11, 5))


WORDS = """
    on in since from to between and after the a two 1990s 2001 1996 4 5 31 30 February November May March
    Monday next last this week month year days ago later earlier late mid early - , . ( ) ' century first 0
    will said end of 99999 summer half quarter past Feb. ½ – that
"""
pieces = st.sampled_from(WORDS.split())


@settings(max_examples=200, deadline=None)
@given(st.lists(pieces, max_size=14), st.one_of(st.none(), st.dates()))
def test_any_words_give_ordered_disjoint_times_within_the_text(words, published):
    doc = NLP(" ".join(words))
    times = resolve_times(doc, published)
    places = [place for time in times for place in (time.first, time.last)]
    assert places == sorted(places)
    assert all(0 <= time.first <= time.last < len(doc) for time in times)
    assert all(a.last < b.first for a, b in pairwise(times))
    assert times == resolve_times(doc, published)


@settings(max_examples=50, deadline=None)
@given(st.dates(min_value=date(1500, 1, 1), max_value=date(2099, 12, 31)))
def test_every_day_is_read_back_however_it_is_written(day):
    ordinal = {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10 if day.day not in (11, 12, 13) else 0, "th")
    name = f"{day:%B}"
    for text in (
        f"on {day.day} {name} {day.year}",
        f"on {name} {day.day}, {day.year}",
        f"on the {day.day}{ordinal} of {name} {day.year}",
        f"on {day:%A}, {day.day} {name[:3]} {day.year}",
        day.isoformat(),
    ):
        assert [t.when for t in resolve_times(NLP(text), None)] == [When(day, day)], text


def test_words_that_are_not_a_table_are_named(tmp_path, monkeypatch):
    (tmp_path / "ontologies").mkdir()
    (tmp_path / "ontologies" / "time.toml").write_text("[months]\n", encoding="utf-8")
    monkeypatch.setattr(kg.resources, "PACKAGE", tmp_path / "kg")
    words.cache_clear()
    try:
        with pytest.raises(OntologyError, match=r"time\.toml: not a table of time words"):
            words()
    finally:
        words.cache_clear()


@pytest.mark.shared
@pytest.mark.parametrize("name, least", [("train", 0.87), ("passages", 0.89), ("demo", 0.90)])
def test_dates_of_annotated_statements_are_among_those_of_their_sentence(name, least):
    """Of the dated statements whose sentence tells any time, the share for which one of these is the date."""
    if not (SHARED / f"{name}.gold.jsonl").exists():
        pytest.skip("the development texts are not beside the checkout")
    texts = {row["id"]: row for row in rows(SHARED / f"{name}.texts.jsonl")}
    counts: Counter[bool] = Counter()
    for row in rows(SHARED / f"{name}.gold.jsonl"):
        dated = [stmt for stmt in row["statements"] if stmt.get("date")]
        text = texts[row["id"]]["text"]
        doc = NLP(text)
        times = resolve_times(doc, day_of(texts[row["id"]].get("date"))) if dated else []
        for stmt in dated:
            at = text.find(stmt["evidence"])
            begin, end = sentence(text, at, at + len(stmt["evidence"]))
            near = [time for time in times if begin <= doc[time.first].idx < end]
            if near:
                wanted = stmt["date"].split("/")[0]
                counts[any(time.when.first.startswith(wanted) for time in near)] += 1
    assert counts.total() > 200
    assert counts[True] / counts.total() >= least


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def day_of(text: str | None) -> date | None:
    """Publication dates of the texts are ISO dates, or `26-FEB-1987 15:01:01.79`."""
    if not text:
        return None
    if re.match(r"\d{4}-\d\d-\d\d", text):
        return date.fromisoformat(text[:10])
    return datetime.strptime(text.split()[0], "%d-%b-%Y").date()


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    ends = [m.end() for m in re.finditer(r"[.!?][\"”’]?\s+(?=[A-Z“\"])|\n", text[:start])]
    stop = re.search(r"[.!?](\s|$)|\n", text[end - 1 :])
    return max(ends, default=0), end + stop.start() if stop else len(text)
