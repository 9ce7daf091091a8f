"""What each kind of time expression means: one function for each, from a match and its scene to an interval.

The groups of a match: `d`, `m`, `y` day, month and year as written, `e` the end of a range, `p` a part
("late"), `w` which one ("last"), `v` the week or year beside it, `n` how many, `u` units, `k` a key word.
None where the scene does not determine it; `ValueError` or `OverflowError` for a day that no calendar has.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kg.model import When
from kg.when.tense import Tense
from kg.when.words import words

Match = re.Match[str]


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known where an expression stands.

    `tense`: of the nearest verb; `anchor`: the time told before, `sentence`: where, `same`: in this sentence;
    `year`: the year named last; `history`: whether the text looks back from nowhere in particular.
    """

    published: date | None
    history: bool = False
    tense: Tense | None = None
    anchor: When | None = None
    sentence: int = -1
    same: bool = False
    year: int | None = None

    @property
    def told_year(self) -> int | None:
        """The year to which a day or month without one belongs since the text has named it."""
        return self.year if self.history or self.published is None else None


Rule = Callable[[Match, Scene], When | None]


def day(match: Match, scene: Scene) -> When | None:
    """4 November 2024; November 4-5; Thursday, Nov. 7."""
    number, first = _month_number(match), _leading(match["d"])
    last = _leading(match["e"]) if match["e"] else first
    year = _named_year(match, scene) or scene.told_year
    if year is not None:
        return When(date(year, number, first), date(year, number, last))
    near = scene.published
    if near is None:
        return None
    years = [y for y in range(near.year - 1, near.year + 2) if first <= monthrange(y, number)[1]]
    days = [date(y, number, first) for y in years]
    ahead = min((day for day in days if day >= near), default=None)
    back = max((day for day in days if day <= near), default=None)
    # "said that talks on 27 October would help", on the 20th: nobody means the one a year ago.
    soon = ahead is not None and (ahead - near).days <= 31
    found = ahead if scene.tense == "future" or soon else back
    return When(found, found + timedelta(days=last - first)) if found else None


def iso(match: Match, scene: Scene) -> When:
    """2024-11-04."""
    found = date.fromisoformat(match["core"])
    return When(found, found)


def month(match: Match, scene: Scene) -> When | None:
    """March 2014; early March; last March; in March; from March to June."""
    said = match.groupdict()
    number = _month_number(match)
    which = _which(match) if said.get("w") else ""
    year = _named_year(match, scene) or _year_of(number, which, scene)
    if year is None:
        return None
    if not said.get("e"):
        return _part(When.month(year, number), said.get("p"))
    last = words().months[said["e"].lower()]
    # "December to February 2015" ends in 2015; "from December to February" begins in the year that was found.
    begin = year - 1 if last < number and said.get("y") else year
    end = begin + 1 if last < number else begin
    return When(When.month(begin, number).start, When.month(end, last).end, "month")


def _named_year(match: Match, scene: Scene) -> int | None:
    """The year beside a day or month: 2014, last year, of that year."""
    said = match.groupdict()
    if said.get("y"):
        return int(said["y"])
    if not said.get("v"):
        return None
    which = said["v"].lower().split()[-2]
    anchored = which in ("that", "same")
    base = (scene.anchor.start if scene.anchor else None) if anchored else scene.published
    return base.year + {"last": -1, "next": 1}.get(which, 0) if base else None


def _year_of(number: int, which: str, scene: Scene) -> int | None:
    """The year of a month that is named without one."""
    if which in ("that", "previous", "following"):
        if scene.anchor is None:
            return None
        base = scene.anchor.start
        steps = {"that": 0, "previous": -(number >= base.month), "following": int(number <= base.month)}
        return base.year + steps[which]
    if not which and scene.told_year is not None:
        return scene.told_year
    near = scene.published
    if near is None:
        return None
    usual = int(number < near.month) if scene.tense == "future" else -(number > near.month)
    ahead, back = int(number <= near.month), -(number >= near.month)
    return near.year + {"this": 0, "next": ahead, "coming": ahead, "last": back}.get(which, usual)


def year(match: Match, scene: Scene) -> When:
    """2001; late 2001; 1914-18; between 1996 and 2001; 2024-11."""
    said = match.groupdict()
    first = int(match["y"])
    if not said.get("e"):
        return _part(When.year(first), said.get("p"))
    last = int(said["e"])
    if last >= 100:
        return When.year(first, last)
    if last > first % 100:
        return When.year(first, first // 100 * 100 + last)
    return When.month(first, last)


def decade(match: Match, scene: Scene) -> When:
    """The 1990s; the late '90s."""
    first = _leading(match["y"])
    first += 0 if first >= 100 else 1900 if first >= 30 else 2000
    return _years(first, match["p"], {"early": (0, 3), "mid": (4, 6), "late": (7, 9), "": (0, 9)})


def century(match: Match, scene: Scene) -> When:
    """The late 19th century."""
    said = match["o"].lower()
    first = ((words().ordinals.get(said) or _leading(said)) - 1) * 100 + 1
    return _years(first, match["p"], {"early": (0, 32), "mid": (33, 66), "late": (67, 99), "": (0, 99)})


def _years(base: int, part: str | None, shares: dict[str, tuple[int, int]]) -> When:
    first, last = shares[words().parts[part.lower()] if part else ""]
    return When.year(base + first, base + last)


def season(match: Match, scene: Scene) -> When | None:
    """Summer 2014; last autumn. Seasons of the northern hemisphere; the winter of 2014 begins in 2014."""
    said = match.groupdict()
    number, length = words().seasons[match["s"].lower()]
    if said.get("y"):
        first = date(int(said["y"]), number, 1)
        return _part(When(first, _months(first, length - 1).end, "month"), said.get("p"))
    near = scene.published
    found = _year_of(number, _which(match), scene)
    if found is None:
        return None
    first = date(found, number, 1)
    if _which(match) == "last" and near and _months(first, length - 1).end >= near:
        first = date(found - 1, number, 1)  # in November, "last autumn" is not the one that has not ended
    return When(first, _months(first, length - 1).end, "month")


def quarter(match: Match, scene: Scene) -> When:
    """The second quarter of 1987; the first half of 2014."""
    size = 3 if match["q"].lower() == "quarter" else 6
    ordinal = words().ordinals.get(match["o"].lower(), 12 // size)
    first = date(int(match["y"]), (ordinal - 1) * size + 1, 1)
    return When(first, _months(first, size - 1).end, "month")


def weekday(match: Match, scene: Scene) -> When | None:
    """Thursday; last Sunday; next Monday; Friday of last week; that Monday."""
    if match.string[: match.start("d")].rstrip().endswith(words().feasts):
        return None  # Good Friday
    which = _which(match)
    number = words().weekdays[match["d"].lower()]
    near, future = scene.published, scene.tense == "future"
    if which in ("that", "same", "previous", "following"):
        near, future = (scene.anchor.start if scene.anchor else None), which == "same"
    if near is None:
        return None
    if match["v"]:
        weeks = {"last": -1, "this": 0, "next": 1}[match["v"].lower().removeprefix("of ").split()[0]]
        found = near + timedelta(days=number - near.weekday() + 7 * weeks)
    elif which in ("next", "following", "this coming") or (future and which not in ("last", "previous")):
        found = near + timedelta(days=(number - near.weekday()) % 7 or 7 * (which in ("next", "following")))
    else:
        strict = which in ("last", "previous", "this past")
        found = near - timedelta(days=(near.weekday() - number) % 7 or 7 * strict)
    return When(found, found)


def day_word(match: Match, scene: Scene) -> When | None:
    """Today, yesterday, the day after tomorrow, last night."""
    if scene.published is None:
        return None
    word = match["k"].lower()
    days = -1 if "yesterday" in word or word == "last night" else 1 if "tomorrow" in word else 0
    return _moved(scene.published, "day", 2 * days if word.startswith("the day") else days)


_STEPS = {
    **dict.fromkeys(("last", "past", "this past", "previous"), -1),
    **dict.fromkeys(("next", "coming", "this coming", "following"), 1),
}


def period(match: Match, scene: Scene) -> When | None:
    """Last week; earlier this month; early next year; that year; the following month."""
    which, unit = _which(match), match["u"].lower()
    anchored = which in ("that", "same", "following", "previous")
    base = (scene.anchor.start if scene.anchor else None) if anchored else scene.published
    if base is None:
        return None
    if unit == "weekend":
        ahead = which in ("next", "coming", "this coming") or (which == "this" and scene.tense == "future")
        back = timedelta(days=(base.weekday() + 2) % 7)
        saturday = base + timedelta(days=(5 - base.weekday()) % 7) if ahead else base - back
        return When(saturday, saturday + timedelta(days=1))
    whole = _moved(base, unit, _STEPS.get(which, 0))
    part = (match["p"] or "").lower()
    if part in ("earlier", "later") and whole.start <= base <= whole.end:
        return replace(whole, end=base) if part == "earlier" else replace(whole, start=base)
    return _part(whole, part if part in words().parts else None)


def anchored_day(match: Match, scene: Scene) -> When | None:
    """That day; the same night; the following morning: counted from the day told before, if one was."""
    if scene.anchor is None or scene.anchor.precision != "day":
        return None
    return _moved(scene.anchor.start, "day", _STEPS.get(_which(match), 0))


def ago(match: Match, scene: Scene) -> When | None:
    """Two weeks ago: counted from publication. "A year ago" is told of the month, "two years ago" is not."""
    if scene.published and match["u"].lower() == "year" and _number(match["n"]) == 1:
        return _months(scene.published, -12)
    return _moved(scene.published, match["u"], -_number(match["n"])) if scene.published else None


def apart(match: Match, scene: Scene) -> When | None:
    """A day earlier, six months later: counted from the time told before; "earlier" also from publication.

    "On Sunday, two days after a drone killed him" tells the time of the clause that follows: Friday.
    """
    key = match["k"].lower()
    sign = 1 if key in ("later", "after", "afterwards") else -1
    if key in ("before", "after") and not _ENDS.match(match.string, match.end("core")):
        base = scene.anchor.start if scene.anchor and scene.same else scene.published
        sign = -sign
    else:
        base = scene.anchor.start if scene.anchor else scene.published if sign < 0 else None
    return _moved(base, match["u"], sign * _number(match["n"])) if base else None


_ENDS = re.compile(r"\s?(?:[.,;:!?]|$)")


def stretch(match: Match, scene: Scene) -> When | None:
    """The past two years, the next three months: up to, or from, publication."""
    near = scene.published
    if near is None:
        return None
    whole = _moved(near, match["u"], _number(match["n"]) * _STEPS[_which(match)])
    if whole.start < near:
        return replace(whole, end=max(whole.end, near))
    return replace(whole, start=near)


def after(match: Match, scene: Scene) -> When | None:
    """After almost two decades of war: up to the time told in the same sentence, or else publication."""
    end = scene.anchor.end if scene.anchor and scene.same else scene.published
    if end is None:
        return None
    return replace(_moved(end, match["u"], -_number(match["n"])), end=end)


RELATIVE: frozenset[Rule] = frozenset({weekday, day_word, period, ago, stretch})
"""Rules that count from publication; a text that needs none of them is a history."""


# --- counting ---


def _moved(base: date, unit: str, count: int) -> When:
    """The day, calendar week, month or year that lies so many units after `base`."""
    unit = unit.lower()
    if unit in ("day", "fortnight"):
        found = base + timedelta(days=count * (14 if unit == "fortnight" else 1))
        return When(found, found)
    if unit == "week":
        monday = base + timedelta(days=7 * count - base.weekday())
        return When(monday, monday + timedelta(days=6))
    if unit == "month":
        return _months(base, count)
    return When.year(base.year + count * (10 if unit == "decade" else 1))


def _months(base: date, count: int) -> When:
    place = base.year * 12 + base.month - 1 + count
    return When.month(place // 12, place % 12 + 1)


def _part(whole: When, part: str | None) -> When:
    """A third of a month or week, a quarter of a year; its ends are known no more exactly than the whole."""
    if not part:
        return whole
    days = (whole.end - whole.start).days + 1
    size = timedelta(days=days // 3 if days < 32 else days // 4)
    name = words().parts[part.lower()]
    if name == "early":
        return replace(whole, end=whole.start + size)
    if name == "late":
        return replace(whole, start=whole.end - size)
    margin = (whole.end - whole.start - size) // 2
    return replace(whole, start=whole.start + margin, end=whole.end - margin)


def _which(match: Match) -> str:
    return (match["w"] or "").lower().removeprefix("the ")


def _month_number(match: Match) -> int:
    return words().months[match["m"].lower().rstrip(".")]


def _leading(text: str) -> int:
    found = re.search(r"\d+", text)
    return int(found[0]) if found else 0


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    numbers = words().numbers
    return numbers.get(text.lower()) or sum(numbers[word] for word in text.lower().split("-"))
