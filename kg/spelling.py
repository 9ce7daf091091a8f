"""Words and persons' names made comparable, however they are written.

`fold` takes case and accents away. `sound` goes further, for names that others romanise in another way
("Sergey Shoygu" for Sergei Shoigu), and `People` finds the office holder whose full name sounds so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from kg.roster import Alias

TOKEN = re.compile(r"\w+|[^\w\s]")
# What romanisations of Arabic, Cyrillic, Persian and Korean names vary in, made one; in this order.
VARIANTS = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"tsch|tch", "ch"),
        (r"dzh|dj|zh", "j"),
        (r"kh|gh|q|g|ck|c(?![hei])", "k"),
        (r"sch", "sh"),
        (r"dh", "d"),
        (r"th", "t"),
        (r"ph", "f"),
        (r"w", "v"),
        (r"x", "ks"),
        (r"y|j(?=$|[^aeiou])", "i"),
        (r"i{2,}", "i"),
        (r"ie|ei|ai", "e"),
        (r"oo|ou|o", "u"),
        (r"ee", "i"),
        (r"(.)\1+", r"\1"),
        (r"(?<=.)h$", ""),
    )
)
SHORT = 5
"""Longest word whose vowels still count: short names differ in nothing else ("Li", "Lu")."""


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """Key of a word: without case and accents, straight apostrophe.

    >>> fold("Élysée"), fold("’")
    ('elysee', "'")
    """
    plain = unicodedata.normalize("NFKD", word.casefold().replace("’", "'").replace("ı", "i"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """Words and single marks of a text, folded."""
    return [fold(word) for word in TOKEN.findall(text)]


@lru_cache(maxsize=65536)
def sound(word: str) -> str:
    """A key that the usual romanisations of one name share; of long names the vowels do not count.

    >>> sound("Shoygu") == sound("Shoigu"), sound("Mohammed") == sound("Muhammad"), sound("Li") == sound("Lu")
    (True, True, False)
    """
    key = re.sub(r"[^a-z]", "", fold(word))
    long = len(key) > SHORT
    for pattern, plain in VARIANTS:
        key = pattern.sub(plain, key)
    return re.sub(r"[aeiu]+", "a", key) if long else key


class People:
    """The full names of office holders by sound; the order of the aliases given does not matter."""

    def __init__(self, aliases: Iterable[Alias], particles: frozenset[str]) -> None:
        """`particles` are the parts of names that may be left out ("al", "bin", "von"), folded."""
        self._particles = particles
        self._by_word: dict[str, list[tuple[tuple[str, ...], Alias]]] = {}
        self._by_whole: dict[str, list[Alias]] = {}
        for alias in aliases:
            if alias.form == "leader":
                parts, whole = self.parts(alias.text)
                self._by_whole.setdefault(whole, []).append(alias)
                for part in {parts[0], parts[-1]} if len(parts) > 1 else ():
                    self._by_word.setdefault(part, []).append((parts, alias))

    def parts(self, name: str) -> tuple[tuple[str, ...], str]:
        """Sounds of the words of a name without particles and initials, and of the name as one word."""
        plain = re.sub(r"(?<=\w)['’`](?=\w)", "", name)
        found = [word for word in re.findall(r"\w+", plain) if fold(word) not in self._particles]
        return tuple(sound(word) for word in found if len(word) > 1), sound("".join(found))

    def find(self, name: str, on: date | None = None) -> tuple[Alias, ...]:
        """Aliases in office on the day whose words this name has, its first among them; else near ones.

        A near one has the first and the last word of this name. A family name alone never agrees. Empty
        when the holders found served different principals, and for a name of one word.
        """
        parts, whole = self.parts(name)
        if len(parts) < 2:
            return ()
        given = set(parts)
        exact = {alias for alias in self._by_whole.get(whole, ()) if alias.holds(on)}
        near = set()
        for part in given:
            for other, alias in self._by_word.get(part, ()):
                if not alias.holds(on):
                    continue
                if len(set(other)) > 1 and set(other) <= given and parts[0] in other:
                    exact.add(alias)
                elif parts[0] == other[0] and parts[-1] == other[-1]:
                    near.add(alias)
        return _of_one(exact or near)

    def titled(self, surname: str, on: date | None = None) -> tuple[Alias, ...]:
        """Aliases in office on the day whose last word is this one, where a title goes before it in the text.

        Empty when those found served different principals.
        """
        parts, _ = self.parts(surname)
        if len(parts) != 1:
            return ()
        bearers = self._by_word.get(parts[0], ())
        return _of_one({alias for other, alias in bearers if other[-1] == parts[0] and alias.holds(on)})


def _of_one(found: set[Alias]) -> tuple[Alias, ...]:
    """The aliases in a fixed order if all serve one principal, else none."""
    if len({alias.code for alias in found}) != 1:
        return ()
    return tuple(sorted(found, key=lambda alias: (alias.text, alias.since, repr(alias))))
