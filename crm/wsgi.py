"""The WSGI application that gunicorn serves."""

import codecs
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
_django = get_wsgi_application()
# In any other charset a form would be something else than what was typed, or a fault.
CHARSETS = {
    codecs.lookup(name).name for name in ("utf-8", "ascii", "latin-1", "cp1252", "gb18030", "gbk", "big5")
}


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Django, but for charsets of no form: Django decodes by them before any view could answer for it."""
    if not _charset_is_known(environ.get("CONTENT_TYPE", "")):
        start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"The charset of the content type is not known."]
    return _django(environ, start_response)


def _charset_is_known(content_type: str) -> bool:
    _name, parameters = parse_header_parameters(content_type)
    try:
        return codecs.lookup(parameters.get("charset", "utf-8")).name in CHARSETS
    except LookupError:
        return False
