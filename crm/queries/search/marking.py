"""Which part of a text was meant by what was typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from accounts import names
from crm.queries.search.asking import Question

BEFORE, AFTER = 40, 110
"""How much of a long text is shown around the first word found in it, in characters."""


@dataclass(frozen=True)
class Part:
    text: str
    is_meant: bool


def parts_of(text: str, question: Question) -> list[Part]:
    """``text`` in parts; those that were typed, or whose pinyin or initials were, are meant."""
    meant = _meant(text, question)
    parts: list[Part] = []
    for letter, is_meant in zip(text, meant, strict=True):
        if parts and parts[-1].is_meant == is_meant:
            parts[-1] = Part(parts[-1].text + letter, is_meant)
        else:
            parts.append(Part(letter, is_meant))
    return parts


def excerpt_of(text: str, question: Question) -> list[Part]:
    """The surroundings of the first word that is found in a long text, on one line."""
    line = " ".join(names.cleaned(text).split())
    first = next((i for i, is_meant in enumerate(_meant(line, question)) if is_meant), 0)
    start = max(0, first - BEFORE)
    shown = line[start : first + AFTER]
    head, tail = "…" if start else "", "…" if len(line) > first + AFTER else ""
    return parts_of(f"{head}{shown}{tail}", question)


def is_in(text: str, question: Question) -> bool:
    """Whether something of ``text`` is meant."""
    return any(_meant(text, question))


def _meant(text: str, question: Question) -> list[bool]:
    letters = [_folded(letter) for letter in text]
    meant = [False] * len(text)
    plain = "".join(letters)
    owner = [i for i, letter in enumerate(letters) for _ in letter]
    for word in question.words:
        at = plain.find(word)
        while at >= 0:
            # A single letter, or two, are looked for at the beginning of words only.
            if len(word) > 2 or names.is_chinese(word) or not (at and plain[at - 1].isalnum()):
                for i in owner[at : at + len(word)]:
                    meant[i] = True
            at = plain.find(word, at + len(word))
    if not any(meant) and not names.is_chinese(question.squeezed):
        for i in _by_pinyin(letters, question.squeezed):
            meant[i] = True
    return meant


@lru_cache(maxsize=20_000)
def _folded(letter: str) -> str:
    return " " if letter.isspace() else names.folded(letter)


def _by_pinyin(letters: list[str], typed: str) -> Iterator[int]:
    """The first run of Chinese characters whose initials, or whose syllables, are what was typed."""
    for start in range(len(letters)):
        end = _end(letters, start, typed)
        if end is not None:
            return iter(range(start, end))
    return iter(())


def _end(letters: list[str], start: int, typed: str) -> int | None:
    """Behind the last character that ``typed`` reaches from ``start`` on; None where it does not fit."""
    options = {typed}
    for i in range(start, len(letters)):
        if not names.is_chinese(letters[i]):
            return None
        readings = _syllables(letters[i])
        if any(syllable.startswith(left) for left in options for syllable in readings):
            return i + 1
        options = {
            left[len(said) :]
            for left in options
            for syllable in readings
            for said in (syllable, syllable[:1])
            if left.startswith(said)
        }
        if not options:
            return None
    return None


@lru_cache(maxsize=20_000)
def _syllables(character: str) -> tuple[str, ...]:
    return tuple(names.syllables_of(character))
