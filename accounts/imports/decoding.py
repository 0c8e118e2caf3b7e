"""Bytes of unknown origin into lines of text: which encoding it is, and strict decoding with line numbers."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from accounts.imports.problems import BadFileError

ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "cp1252")
CHUNK = 1 << 20
MAX_LINE = 1 << 20
"""Characters of one line. A longer one is no table, and would fill the memory."""
_SAMPLE = 4 << 20
_SURE_UTF8 = 20
_SIGNATURES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\xd0\xcf\x11\xe0",
    b"%PDF",
    b"\x1f\x8b",
    b"\x89PNG",
    b"Rar!",
    b"7z\xbc",
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_HANZI = re.compile("[\u4e00-\u9fff]")
# Lead bytes of the frequent characters: level 1 of GB 2312 and of Big5.
_FREQUENT = {"gb18030": (0xB0, 0xD7), "big5": (0xA4, 0xC6)}


def detect_encoding(path: Path) -> str:
    """One of ENCODINGS; raises BadFileError for an empty file and for what is not text.

    1. A byte order mark decides. 2. All of it valid UTF-8 is UTF-8; so is a file that becomes invalid after
    many valid sequences (reading it then names the broken line). 3. Of GB18030 and Big5, what decodes
    strictly and gives the larger share of frequent characters. 4. Else Western (cp1252).
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise BadFileError("empty")
    if head.startswith(_SIGNATURES):
        raise BadFileError("not_text")
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    if head.count(0) * 10 > len(head):
        raise BadFileError("not_text")
    sequences = _valid_utf8_sequences(path)
    if sequences is None or sequences >= _SURE_UTF8:
        return "utf-8"
    return _legacy_encoding(path)


def _valid_utf8_sequences(path: Path) -> int | None:
    """None when all of it is UTF-8, else how many characters beyond ASCII come before the first fault."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    beyond = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as error:
                valid = error.object[: error.start].decode("utf-8")
                return beyond + sum(char > "\x7f" for char in valid)
            if beyond < _SURE_UTF8 and not text.isascii():
                beyond += sum(char > "\x7f" for char in text)
    return None


def _legacy_encoding(path: Path) -> str:
    sample = bytearray()
    with path.open("rb") as file:
        while len(sample) < _SAMPLE and (chunk := file.read(CHUNK)):
            # Lines in pure ASCII tell nothing.
            sample += b"\n".join(line for line in chunk.split(b"\n")[:-1] if not line.isascii())
            if len(chunk) < CHUNK:
                last = chunk.rsplit(b"\n", 1)[-1]
                sample += b"\n" + last
    scores = {encoding: _plausibility(bytes(sample), encoding) for encoding in _FREQUENT}
    best = max(scores, key=lambda encoding: scores[encoding])
    return best if scores[best] >= 0.5 else "cp1252"


def _plausibility(sample: bytes, encoding: str) -> float:
    """Share of frequent characters among all beyond ASCII; 0 when it does not decode."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    beyond = [char for char in text[:200_000] if char > "\x7f"]
    low, high = _FREQUENT[encoding]
    hanzi = "".join(_HANZI.findall("".join(beyond)))
    leads = hanzi.encode(encoding, "ignore")[::2]
    frequent = sum(low <= lead <= high for lead in leads)
    punctuation = sum(char in "，。、（）：；￥－·「」" for char in beyond)
    return (frequent + punctuation) / len(beyond) if beyond else 0.0


def decoded_lines(path: Path, encoding: str, at_bytes: Callable[[int], None] | None = None) -> Iterator[str]:
    """Lines that end in a newline; raises BadFileError with the line for what does not decode or has no end.

    ``at_bytes`` is called with the bytes read so far, once per chunk. Memory stays below a few chunks.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)("strict")
    rest, number, done = "", 0, 0
    newline = _newline(path)
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            done += len(chunk)
            try:
                text = rest + decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                raise _undecodable(error, rest, number, encoding, newline) from error
            *lines, rest = text.split(newline)
            if len(rest) > MAX_LINE:
                raise BadFileError("line_too_long", line=number + len(lines) + 1, value=f"{MAX_LINE}")
            for line in lines:
                yield line + "\n"
            number += len(lines)
            if at_bytes:
                at_bytes(done)
            if not chunk:
                break
    if rest:
        yield rest + "\n"


def _newline(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(CHUNK)
    return "\r" if b"\r" in head and b"\n" not in head else "\n"


def _undecodable(
    error: UnicodeDecodeError, rest: str, number: int, encoding: str, newline: str
) -> BadFileError:
    valid = error.object[: error.start].decode(encoding.replace("utf-16", "utf-16-le"), "replace")
    return BadFileError("encoding", line=number + (rest + valid).count(newline) + 1, value=encoding.upper())
