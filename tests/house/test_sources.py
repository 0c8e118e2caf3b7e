"""The sources keep the rules of the house; and each rule, given a source that breaks it, says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.house import rules

Rule = Callable[[Path, str], Iterator[str]]
PLANTED = Path("planted.py")


def assert_kept(rule: Rule, paths: list[Path], *, at_least: int = 20) -> None:
    """Nothing breaks the rule, in no fewer than ``at_least`` files that were looked at."""
    read = list(rules.texts(paths))
    assert len(read) >= at_least
    faults = [fault for path, source in read for fault in rule(path, source)]
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)


SCORING = re.compile(r"\bscoring\b|^scores?$|^score(?:__|_set)")
CRM = re.compile(r"\bcrm\b")
CORE = {"numpy", "scipy"}


def test_no_file_is_longer_than_400_lines() -> None:
    assert_kept(rules.long_files, rules.python_files())
    assert list(rules.long_files(PLANTED, "x = 1\n" * 401))


def test_no_function_is_longer_than_40_lines() -> None:
    assert_kept(rules.long_functions, rules.python_files())
    assert list(rules.long_functions(PLANTED, "def f():\n" + "    x = 1\n" * 40))
    assert not list(rules.long_functions(PLANTED, "def f():\n    '''a\n" + "\n" * 60 + "    '''\n"))


def test_accounts_never_names_scoring_in_a_string() -> None:
    rule = partial(rules.names_in_strings, pattern=SCORING)
    assert_kept(rule, rules.python_files("accounts"))
    assert list(rule(PLANTED, 'customers.select_related("score")'))
    assert list(rule(PLANTED, 'apps.get_model("scoring.Score")'))
    assert list(rule(PLANTED, 'customers.filter(**{"score__tier": 1})'))


def test_scoring_never_names_crm_in_a_string() -> None:
    rule = partial(rules.names_in_strings, pattern=CRM)
    assert_kept(rule, rules.python_files("scoring"))
    assert list(rule(PLANTED, 'import_string("crm.tasks.send_mail")'))


def test_the_core_imports_numpy_scipy_and_the_standard_library_only() -> None:
    rule = partial(rules.foreign_imports, allowed=CORE)
    assert_kept(rule, rules.python_files("scoring/core"), at_least=10)
    for line in (
        "import pandas",
        "from django.db import models",
        "from scoring import models",
        "from ..models import Run",
    ):
        assert list(rule(PLANTED, line)), line
    assert not list(rule(PLANTED, "import math\nfrom scipy import special\nfrom .types import Tier"))


def test_nobody_listens_to_signals() -> None:
    assert_kept(rules.signals, rules.python_files())
    assert list(rules.signals(PLANTED, "from django.db.models.signals import post_save"))
    assert list(rules.signals(PLANTED, "from django.dispatch import receiver"))


def test_no_module_is_a_drawer_for_everything() -> None:
    names = [rules.name_of(path) for path in rules.python_files()]
    assert len(names) > 100
    assert [name for name in names if rules.DRAWERS.search(name)] == []
    assert rules.DRAWERS.search("accounts/utils.py")
    assert rules.DRAWERS.search("crm/common/dates.py")


def test_nothing_is_left_for_later() -> None:
    rule = partial(rules.lines_that_match, pattern=rules.LEFT_FOR_LATER)
    sources = [path for path in rules.tracked_files() if "lock" not in path.name]
    assert_kept(rule, sources, at_least=200)
    assert list(rule(PLANTED, "# TO" + "DO: later"))


def test_nothing_names_the_place_it_was_built_in() -> None:
    rule = partial(rules.lines_that_match, pattern=rules.WORKPLACE)
    sources = [path for path in rules.tracked_files() if "lock" not in path.name]
    assert_kept(rule, sources, at_least=200)
    assert list(rule(PLANTED, "open('/wo" + "rk/main')"))


def test_labels_messages_and_errors_are_translatable() -> None:
    paths = [path for path in rules.python_files() if not rules.is_untranslated_place(path)]
    paths = [path for path in paths if "management" not in path.parts]
    assert_kept(rules.untranslated_labels, paths)


@pytest.mark.parametrize(
    "line",
    [
        'name = forms.CharField(label="Name")',
        'name = models.CharField("name", max_length=3)',
        'messages.success(request, "Saved.")',
        'raise ValidationError("No such day.")',
        'form.add_error("name", "Type a name.")',
        'class Meta:\n    verbose_name = "customer"',
        'field = forms.CharField(help_text="Two letters")',
    ],
)
def test_a_plain_label_is_found(line: str) -> None:
    assert list(rules.untranslated_labels(PLANTED, line))
    assert not list(
        rules.untranslated_labels(
            PLANTED, re.sub(r'("[A-Z][^"]*"|"name"(?=, max)|"customer")', r"_(\1)", line)
        )
    )


def test_a_template_opens_with_a_comment() -> None:
    assert_kept(rules.opens_without_comment, rules.templates())
    assert list(rules.opens_without_comment(PLANTED, "<p>{# late #}</p>"))


def test_templates_hold_no_inline_script_or_style() -> None:
    pages = [path for path in rules.templates() if not rules.name_of(path).startswith(rules.MAIL_TEMPLATES)]
    assert_kept(rules.inline_code, pages)
    for source in (
        '<p style="x">',
        "<style>",
        '<a onclick="x()">',
        "<script>x()</script>",
        '<a href="javascript:x">',
    ):
        assert list(rules.inline_code(PLANTED, source)), source
    assert not list(rules.inline_code(PLANTED, '<script src="{% static "app.js" %}" defer></script>'))
    assert not list(rules.inline_code(PLANTED, '<script data-x\n type="application/json">{}</script>'))


def test_templates_hold_no_untranslated_text() -> None:
    pages = [path for path in rules.templates() if path.suffix == ".html"]
    pages = [path for path in pages if not rules.is_untranslated_place(path)]
    assert_kept(rules.untranslated_text, pages)


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello</p>",
        '{% load i18n %}<p>{% translate "Hello" %} there</p>',
        '<input placeholder="Search">',
        '<td data-label="Owner">{{ owner }}</td>',
        '{% include "components/_card.html" with title="Orders" %}',
        "<p>客户</p>",
        '{% if a %}<a aria-label="Close {{ name }}">×</a>{% endif %}',
    ],
)
def test_untranslated_text_is_found(source: str) -> None:
    assert list(rules.untranslated_text(PLANTED, source))


@pytest.mark.parametrize(
    "source",
    [
        '{# Said to builders #}<p class="quiet">{% translate "Hello" %}</p>',
        "{% blocktranslate trimmed %}Hello {{ name }}{% endblocktranslate %}",
        "{% comment %}Words{% endcomment %}<b>Truenorth 真北</b> · –",
        '<td data-label="{% translate "Owner" %}">{{ owner }}</td>',
        "<script src='app.js'></script>",
    ],
)
def test_translated_text_is_let_through(source: str) -> None:
    assert not list(rules.untranslated_text(PLANTED, source))
