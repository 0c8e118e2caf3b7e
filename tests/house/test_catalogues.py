"""Every text of the sources stands translated in both Chinese catalogues."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po

from crm import catalogues
from tests.house.rules import PROJECT

HOLES = re.compile(r"%\(\w+\)[sdif]|%[sdif]|\{\w*\}")


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def holes(text: str) -> Counter[str]:
    return Counter(HOLES.findall(text))


def faults(sources: Catalog, catalogue: Catalog) -> list[str]:
    """What is missing, untranslated, fuzzy, obsolete, or has lost a placeholder."""
    found = []
    for message in sources:
        if not message.id:
            continue
        translated = catalogue.get(forms(message.id)[0], message.context)
        if translated is None:
            found.append(f"missing: {message.id!r}")
        elif not catalogues.is_translated(translated.string):
            found.append(f"untranslated: {message.id!r}")
        elif translated.fuzzy:
            found.append(f"fuzzy: {message.id!r}")
        elif any(holes(form) != holes(forms(message.id)[-1]) for form in forms(translated.string)):
            found.append(f"placeholders: {message.id!r} -> {translated.string!r}")
    known = {(forms(message.id)[0], message.context) for message in sources if message.id}
    mine = {(forms(message.id)[0], message.context) for message in catalogue if message.id}
    return found + [f"no longer said: {text!r}" for text, _ in sorted(mine - known, key=str)]


@pytest.fixture(scope="module")
def sources() -> Catalog:
    return catalogues.extracted(PROJECT)


def test_texts_are_found_in_python_and_in_templates(sources: Catalog) -> None:
    assert len(sources) > 150
    assert sources.get("Account manager") is not None
    assert sources.get("Skip to content") is not None
    plural = sources.get("The link works once, for %(days)s day.")
    assert plural is not None
    assert forms(plural.id)[1] == "The link works once, for %(days)s days."
    assert sources.get("Admin", "navigation") is not None


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_the_catalogue_is_complete(sources: Catalog, language: str) -> None:
    with catalogues.po_file(PROJECT, language).open("rb") as file:
        found = faults(sources, read_po(file, locale=language))
    assert not found, f"{len(found)} faults in {language}; first:\n" + "\n".join(found[:40])


PLANTED = {
    "missing": "",
    "untranslated": 'msgid "Saved %(count)s"\nmsgstr ""\n',
    "fuzzy": '#, fuzzy\nmsgid "Saved %(count)s"\nmsgstr "已保存 %(count)s"\n',
    "placeholders": 'msgid "Saved %(count)s"\nmsgstr "已保存"\n',
    "no longer said": 'msgid "Saved %(count)s"\nmsgstr "已保存 %(count)s"\n\nmsgid "Old"\nmsgstr "旧"\n',
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_named(tmp_path: Path, fault: str) -> None:
    said = Catalog()
    said.add("Saved %(count)s")
    path = tmp_path / "django.po"
    path.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n' + PLANTED[fault])
    with path.open("rb") as file:
        found = faults(said, read_po(file, locale="zh_Hans"))
    assert len(found) == 1
    assert found[0].startswith(fault)


def test_updating_keeps_translations_and_compiling_makes_them_work(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    page = tmp_path / "templates" / "page.html"
    page.write_text('{% load i18n %}\n    {% translate "Hello" %}\n  {% translate "Bye" %}')
    path = catalogues.po_file(tmp_path, "zh_Hans")
    assert catalogues.update(tmp_path, "zh_Hans") == 2
    path.write_text(path.read_text().replace('msgid "Hello"\nmsgstr ""', 'msgid "Hello"\nmsgstr "你好"'))
    page.write_text('{% load i18n %}{% translate "Hello" %}')
    assert catalogues.update(tmp_path, "zh_Hans") == 0
    assert "Bye" not in path.read_text()
    catalogues.compile_catalogue(tmp_path, "zh_Hans")
    assert "你好".encode() in path.with_suffix(".mo").read_bytes()
