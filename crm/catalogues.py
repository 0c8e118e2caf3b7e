"""Translation catalogues: what the sources say, what the catalogues hold, without a system gettext.

Python is read by Babel. Templates go through Django's own `templatize` first, which leaves nothing but
calls of gettext; its lines are stripped, because Babel reads them as Python, where indentation counts.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

LANGUAGES = ("zh_Hans", "zh_Hant")
PACKAGES = ("accounts", "scoring", "crm")
TEMPLATE_ENDINGS = (".html", ".txt")
# Shown in development only, to those who build pages.
NOT_TRANSLATED = ("templates/components/gallery.html", "crm/views/gallery_samples.py", "crm/demo/")
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


def po_file(root: Path, language: str) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def sources(root: Path) -> Iterator[Path]:
    """Every Python file and template whose text people read."""
    files = [path for package in PACKAGES for path in (root / package).rglob("*.py")]
    files += [path for path in (root / "templates").rglob("*") if path.suffix in TEMPLATE_ENDINGS]
    for path in sorted(files):
        if "migrations" not in path.parts and not str(path.relative_to(root)).startswith(NOT_TRANSLATED):
            yield path


def extracted(root: Path) -> Catalog:
    """All texts of the sources, each with the files it stands in."""
    catalogue = Catalog(project="Truenorth", charset="utf-8")
    for path in sources(root):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(root).as_posix()
        if path.suffix in TEMPLATE_ENDINGS:
            text = "\n".join(line.strip() for line in templatize(text, origin=name).splitlines())
        found = extract.extract(
            "python", io.BytesIO(text.encode()), keywords=KEYWORDS, comment_tags=("Translators:",)
        )
        for line, message, comments, context in found:
            catalogue.add(message, locations=[(name, line)], auto_comments=comments, context=context)
    return catalogue


def update(root: Path, language: str) -> int:
    """Bring one catalogue up to date, translations kept; how many texts are still untranslated."""
    path = po_file(root, language)
    template = extracted(root)
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, domain="django")
        catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = Catalog(locale=language, domain="django", project="Truenorth", charset="utf-8")
        catalogue.update(template)
    catalogue.fuzzy = False
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, include_lineno=False, ignore_obsolete=True, sort_output=True)
    return sum(bool(message.id) and not is_translated(message.string) for message in catalogue)


def compile_catalogue(root: Path, language: str) -> None:
    path = po_file(root, language)
    with path.open("rb") as source, path.with_suffix(".mo").open("wb") as target:
        write_mo(target, read_po(source, locale=language, domain="django"))


def is_translated(string: str | tuple[str, ...] | list[str] | None) -> bool:
    """Whether a text, or every plural form of it, has a translation."""
    forms = [string] if isinstance(string, str) else list(string or ())
    return bool(forms) and all(form.strip() for form in forms)
