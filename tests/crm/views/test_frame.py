"""What stands around every page."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import override_settings
from django.urls import path

from crm.views import frame

urlpatterns = [
    path("", frame.gallery, name="today"),
    path("customers/", frame.gallery, name="customers"),
    path("search/", frame.gallery, name="search"),
    path("search/palette/", frame.gallery, name="search_palette"),
    path("language/", frame.gallery, name="set_language"),
    path("jobs/", frame.gallery, name="jobs"),
    path("gallery/", frame.gallery, name="gallery"),
]


def urls_of(sections):
    return [item.url for section in sections for item in section.items]


@override_settings(ROOT_URLCONF=__name__)
def test_the_rail_shows_only_places_that_exist():
    assert urls_of(frame.navigation("/customers/", is_admin=True)) == ["/", "/customers/", "/jobs/"]


@override_settings(ROOT_URLCONF=__name__)
def test_places_for_admins_are_hidden_from_others():
    assert urls_of(frame.navigation("/customers/", is_admin=False)) == ["/", "/customers/"]


@override_settings(ROOT_URLCONF=__name__)
def test_the_place_one_stands_in_is_marked_and_the_front_door_only_on_itself():
    (section, *_) = frame.navigation("/customers/17", is_admin=False)
    assert [item.url for item in section.items if item.is_active] == ["/customers/"]


@pytest.mark.parametrize("name", ["400.html", "403.html", "404.html", "500.html", "403_csrf.html"])
def test_error_pages_need_no_context(name):
    page = render_to_string(name)
    assert "<h1>" in page
    assert 'href="/"' in page


@override_settings(ROOT_URLCONF=__name__, DEBUG=False)
def test_the_gallery_is_closed_outside_development(client):
    assert client.get("/gallery/").status_code == 404


@override_settings(ROOT_URLCONF=__name__, DEBUG=True)
def test_no_component_writes_inline_style_or_script(client):
    page = client.get("/gallery/").content.decode()
    assert "style=" not in page
    assert not re.findall(r"<[^>]+\son\w+=", page)
    scripts = re.findall(r"<script([^>]*)>", page)
    assert scripts
    assert all("src=" in attributes or 'type="application/json"' in attributes for attributes in scripts)


def test_every_component_opens_with_a_comment():
    components = sorted((Path(settings.BASE_DIR) / "templates" / "components").glob("*.html"))
    assert len(components) > 20
    for component in components:
        text = component.read_text().removeprefix("{# djlint:off #}\n")
        assert text.startswith(("{#", "{% comment %}")), component.name
