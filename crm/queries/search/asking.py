"""What somebody typed, as it is looked for."""

from __future__ import annotations

from dataclasses import dataclass

from accounts import names

MAX_CHARACTERS = 200
MAX_WORDS = 8
LEAST_DIGITS = 3


class TooLongError(ValueError):
    """More was typed, or pasted, than anybody's name has."""


@dataclass(frozen=True)
class Question:
    """``words`` are folded, ``typed`` are the same as they were typed; ``squeezed`` is all of them without
    spaces and punctuation."""

    text: str
    words: tuple[str, ...]
    typed: tuple[str, ...]
    squeezed: str

    @property
    def digits(self) -> str:
        """Of a telephone number, without the zeros that only a call inside the country needs; else empty."""
        digits = self.squeezed.lstrip("0") if self.squeezed.isdecimal() else ""
        return digits if len(digits) >= LEAST_DIGITS else ""


def question_of(text: str) -> Question | None:
    """None where nothing was typed that could be looked for. Raises TooLongError."""
    if len(text) > MAX_CHARACTERS:
        raise TooLongError(text[:MAX_CHARACTERS])
    seen = " ".join(names.cleaned(text).split())
    squeezed = names.squeezed(seen)
    if not squeezed:
        return None
    # One folded word for each typed one: what folding takes apart, such as ½, stays one word.
    words = {"".join(names.folded(word).split()): word for word in seen.split() if names.squeezed(word)}
    return Question(seen, tuple(words)[:MAX_WORDS], tuple(words.values())[:MAX_WORDS], squeezed)
