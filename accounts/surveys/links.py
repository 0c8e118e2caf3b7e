"""The secret in a respondent's link: sent in clear, kept as a hash."""

from __future__ import annotations

import hashlib
import re
import secrets

TOKEN_BYTES = 32
_TOKEN = re.compile(r"[/\s]*([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])")


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def hashed(token: str) -> str:
    """SHA-256 is enough for 256 random bits: there is nothing to guess, so nothing to slow down."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def token_in(link: str) -> str:
    """The token that ``link`` begins with: mail programs add a full stop or a bracket. Empty if none."""
    found = _TOKEN.match(link)
    return found[1] if found else ""
