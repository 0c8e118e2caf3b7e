"""Sortable heads keep the query and drop the cursors of the old order."""

from html.parser import HTMLParser
from urllib.parse import parse_qs

import pytest
from django.template import RequestContext, Template
from django.test import RequestFactory

from crm.templatetags.lists import grade_class


class Link(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.head: dict[str, str | None] = {}
        self.query: dict[str, list[str]] = {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "th":
            self.head = dict(attrs)
        if tag == "a":
            self.query = parse_qs((dict(attrs)["href"] or "").removeprefix("?"))


def header(query: str, tag: str, **context: str) -> Link:
    request = RequestFactory().get(f"/customers/?{query}")
    return Link(Template("{% load lists %}" + tag).render(RequestContext(request, context)))


def test_an_unsorted_head_sorts_in_its_first_direction():
    link = header("tier=core", '{% sort_header "sales" "Sales" descending_first=True %}')
    assert link.query == {"tier": ["core"], "sort": ["-sales"]}
    assert "aria-sort" not in link.head


def test_a_sorted_head_says_so_and_turns_round():
    link = header("sort=name", '{% sort_header "name" "Name" %}')
    assert link.head["aria-sort"] == "ascending"
    assert link.query == {"sort": ["-name"]}


def test_the_order_of_the_page_wins_over_the_query():
    link = header("sort=rubbish", '{% sort_header "name" "Name" %}', sort="-name")
    assert link.head["aria-sort"] == "descending"
    assert link.query == {"sort": ["name"]}


def test_sorting_starts_at_the_first_page():
    link = header("after=abc&before=def&q=lin", '{% sort_header "name" "Name" %}')
    assert link.query == {"q": ["lin"], "sort": ["name"]}


@pytest.mark.parametrize(
    ("grade", "css_class"),
    [("A", "grade-a"), ("A-", "grade-a-minus"), ("B+", "grade-b-plus"), ("D", "grade-d"), ("x", "")],
)
def test_every_grade_has_its_class(grade, css_class):
    assert grade_class(grade) == css_class
