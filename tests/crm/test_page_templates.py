"""Pages leave without the indentation of their templates."""

from __future__ import annotations

import re

from django.template.engine import Engine
from django.template.loader import render_to_string

from crm.page_templates import without_indentation


def test_indentation_and_empty_lines_go_and_words_stay_apart() -> None:
    source = '<p class="a"\n   id="b">\n\n    one  two \n  {{ three }}\n</p>'
    assert without_indentation(source) == '<p class="a"\nid="b">\none  two\n{{ three }}\n</p>'


def test_what_was_typed_into_a_field_of_many_lines_is_kept() -> None:
    typed = "first\n\n    indented\n"
    drawn = render_to_string("django/forms/widgets/textarea.html", {"widget": {"name": "n", "value": typed}})
    assert typed in drawn


def test_a_page_is_read_so_and_a_letter_in_plain_text_is_not() -> None:
    page = str(Engine.get_default().get_template("today/_fall.html").source)
    letter = str(Engine.get_default().get_template("survey_mail/letter.txt").source)
    assert "<p" in page
    assert not re.search(r"\n\s", page)
    assert re.search(r"\n\s", letter)
