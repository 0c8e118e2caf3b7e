"""What a file is, told by its content. What a browser would run is none of the kinds that are kept."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import PurePosixPath

PDF, PNG, JPEG, GIF, WEBP = "application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp"
TEXT, MAIL, ZIP = "text/plain", "message/rfc822", "application/zip"
OLE = "application/x-ole-storage"
_OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX, XLSX, PPTX = (
    f"{_OFFICE}.wordprocessingml.document",
    f"{_OFFICE}.spreadsheetml.sheet",
    f"{_OFFICE}.presentationml.presentation",
)
_OPEN = "application/vnd.oasis.opendocument"
ODT, ODS, ODP = f"{_OPEN}.text", f"{_OPEN}.spreadsheet", f"{_OPEN}.presentation"

SHOWN = frozenset({PDF, PNG, JPEG, GIF, WEBP})
"""A browser may show these in its window; all others it saves."""

BY_SUFFIX = {
    ".pdf": PDF,
    ".png": PNG,
    ".jpg": JPEG,
    ".jpeg": JPEG,
    ".gif": GIF,
    ".webp": WEBP,
    ".docx": DOCX,
    ".xlsx": XLSX,
    ".pptx": PPTX,
    ".odt": ODT,
    ".ods": ODS,
    ".odp": ODP,
    ".doc": OLE,
    ".xls": OLE,
    ".ppt": OLE,
    ".msg": OLE,
    ".zip": ZIP,
    ".txt": TEXT,
    ".csv": TEXT,
    ".md": TEXT,
    ".eml": MAIL,
}
"""What the end of a name promises; a file of another end is not taken."""

_SIGNATURES = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
)
_UNREADABLE = (
    zipfile.BadZipFile,
    ValueError,
    NotImplementedError,
    RuntimeError,
    OSError,
    zlib.error,
    EOFError,
)
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_ZIP_ENTRY = b"PK\x01\x02"
MOST_PACKED = 20_000
MOST_UNPACKED, MOST_TIMES = 100 * 2**20, 100
_FOLDERS = {"word/": DOCX, "xl/": XLSX, "ppt/": PPTX}
_TEXTS = ("utf-8", "gb18030", "big5")
_LOOKED_AT = 64 * 1024


def suffix_of(name: str) -> str:
    return PurePosixPath(name).suffix.casefold()


def type_of(content: bytes) -> str:
    """The kind of a whole file; "" for what is none of ours."""
    for signature, found in _SIGNATURES:
        if content.startswith(signature):
            return found
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content[:4] in _ZIP_STARTS:
        return _type_in_zip(content)
    return TEXT if _is_text(content) else ""


def is_as_named(name: str, found: str) -> bool:
    """Whether the content is what the name promises; a letter as a file is text too."""
    promised = BY_SUFFIX.get(suffix_of(name), "")
    return bool(found) and (found == promised or (promised == MAIL and found == TEXT))


def is_too_packed(content: bytes) -> bool:
    """Whether it says of itself that it unpacks to more than 100 MB and 100 times its size, or holds
    too many files to count them. Nothing is unpacked to tell.
    """
    if content[:4] not in _ZIP_STARTS:
        return False
    if _holds_too_many(content):
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
    except _UNREADABLE:
        return False
    return unpacked > max(MOST_UNPACKED, MOST_TIMES * len(content))


def _holds_too_many(content: bytes) -> bool:
    """Each entry of its list begins with the same four bytes; half a million of them are 300 MB of memory."""
    return content.count(_ZIP_ENTRY) > MOST_PACKED


def _type_in_zip(content: bytes) -> str:
    if _holds_too_many(content):
        return ZIP
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()
            if names[:1] == ["mimetype"]:
                return _said_first(packed)
    except _UNREADABLE:
        return ""
    if "[Content_Types].xml" not in names:
        return ZIP
    return next((kind for folder, kind in _FOLDERS.items() if any(n.startswith(folder) for n in names)), "")


def _said_first(packed: zipfile.ZipFile) -> str:
    """Open documents say what they are in their first file, which is short and not compressed."""
    first = packed.infolist()[0]
    if first.file_size >= 200 or first.compress_type != zipfile.ZIP_STORED:
        return ""
    kind = packed.read(first).decode("ascii", "replace").strip()
    return kind if kind in {ODT, ODS, ODP} else ""


def _is_text(content: bytes) -> bool:
    """Words in an encoding of ours, and no page or program that a browser or a shell would run."""
    if b"\0" in content:
        return False
    start = content[:_LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"<" or start[:2] in (b"#!", b"MZ"):
        return False
    return any(_reads_as(content[:_LOOKED_AT], encoding) for encoding in _TEXTS)


def _reads_as(start: bytes, encoding: str) -> bool:
    try:
        start.decode(encoding)
    except UnicodeDecodeError as error:
        # The piece that is looked at may end within a character.
        return error.start >= _LOOKED_AT - 4
    return True
