"""Names: how they sort (by pinyin) and how they are found (characters, pinyin, initials)."""

import re
import unicodedata

from pypinyin import Style, lazy_pinyin, pinyin

_CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
# Control characters, zero-width ones, and what turns the direction of the text around it.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
MAX_READINGS = 4


def cleaned(name: str) -> str:
    """The name without what nobody sees: two names that look the same are the same."""
    return _UNSEEN.sub("", _BREAKS.sub(" ", name)).strip()


def sort_key(name: str) -> str:
    """Chinese by pinyin, everything else case-folded without accents; compared with COLLATE "C"."""
    return " ".join(lazy_pinyin(_folded(name)))[:480]


def search_text(*names: str) -> str:
    """The names, and for Chinese ones their pinyin and initials in every reading of the first character.

    单 is shan as a surname and dan elsewhere: both are findable.
    """
    parts: list[str] = []
    for name in filter(None, names):
        folded = _folded(name)
        parts.append(folded)
        if _CHINESE.search(folded):
            parts += _latin_forms(folded)
    return " ".join(dict.fromkeys(parts))


def search_tokens(*names: str) -> list[str]:
    """Every single Chinese character and every neighbouring pair, sorted: two characters have no trigram."""
    tokens: set[str] = set()
    for name in names:
        for run in _RUN.findall(name):
            tokens.update(run)
            tokens.update(run[i : i + 2] for i in range(len(run) - 1))
    return sorted(tokens)


def is_chinese(text: str) -> bool:
    return _CHINESE.search(text) is not None


def _folded(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return unicodedata.normalize(
        "NFC", "".join(c for c in decomposed if not unicodedata.combining(c))
    ).strip()


def _latin_forms(name: str) -> list[str]:
    syllables = lazy_pinyin(name)
    first = list(dict.fromkeys(pinyin(name[0], style=Style.NORMAL, heteronym=True)[0]))[:MAX_READINGS]
    forms = []
    for reading in dict.fromkeys([syllables[0], *first]):
        reading_syllables = [reading, *syllables[1:]]
        forms.append("".join(reading_syllables))
        forms.append("".join(syllable[0] for syllable in reading_syllables if syllable))
    return forms
