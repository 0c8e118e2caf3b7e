"""Files over the API: checked as on the page, of customers that one sees, once for each key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.files.models import Attachment
from tests.conftest import World
from tests.crm.api.conftest import Api

PDF = b"%PDF-1.7\n%%EOF"
HTML = b"<!doctype html><script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def send(api: Api, customer: int, content: bytes = PDF, name: str = "offer.pdf", key: str = "") -> Any:
    headers = {"Authorization": f"Bearer {api.token}"} | ({"Idempotency-Key": key} if key else {})
    body = {"customer": customer, "file": SimpleUploadedFile(name, content)}
    return Client(headers=headers).post("/api/v1/files", body)


def test_a_file_is_sent_listed_downloaded_and_deleted(world: World, api_of: Any) -> None:
    api = api_of(world.owner)
    made = send(api, world.customer.pk)
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    assert made.json()["type"] == "application/pdf"
    assert made["Location"] == f"/api/v1/files/{pk}"
    assert [row["id"] for row in api.get("files", customer=world.customer.pk).json()["results"]] == [pk]
    content = api.get(f"files/{pk}/content")
    assert b"".join(content.streaming_content) == PDF
    assert content["Content-Disposition"] == 'attachment; filename="offer.pdf"'
    assert content["X-Content-Type-Options"] == "nosniff"
    assert api.delete(f"files/{pk}").status_code == 204
    assert api.get(f"files/{pk}").status_code == 404
    assert api.get(f"files/{pk}/content").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", HTML, "not_as_named"),
        ("a.html", HTML, "not_taken"),
        ("a.svg", b"<svg><script>1</script></svg>", "not_taken"),
        ("a.pdf", b"", "empty"),
        ("a.pdf", PDF + b"0" * 99, "too_large"),
        ("a.zip", b"PK\x03\x04", "not_as_named"),
    ],
)
def test_what_the_page_refuses_is_refused(
    world: World, api_of: Any, settings: Any, name: str, content: bytes, code: str
) -> None:
    settings.FILE_LIMIT_BYTES = 100
    refused = send(api_of(world.owner), world.customer.pk, content, name)
    assert (refused.status_code, refused.json()["error"]) == (422, code)
    assert "file" in refused.json()["fields"]
    assert not Attachment.objects.exists()


def test_a_foreign_customer_is_like_none(world: World, api_of: Any) -> None:
    pk = send(api_of(world.stranger), world.foreign.pk).json()["id"]
    owner = api_of(world.owner)
    there, nowhere = send(owner, world.foreign.pk), send(owner, 10**9)
    assert (there.status_code, there.content) == (422, nowhere.content)
    assert [owner.get(f"files/{at}").status_code for at in (pk, f"{pk}/content", "x")] == [404] * 3
    assert owner.delete(f"files/{pk}").status_code == 404
    assert owner.get("files", customer=world.foreign.pk).json()["results"] == []


def test_a_key_sent_again_makes_no_second_file(world: World, api_of: Any) -> None:
    api = api_of(world.owner)
    first = send(api, world.customer.pk, key="offer")
    again = send(api, world.customer.pk, key="offer")
    assert (again.status_code, again.json()["existing"]) == (409, str(first.json()["id"]))
    assert Attachment.objects.count() == 1


def test_pages_follow_each_other_and_cost_the_same(world: World, api_of: Any) -> None:
    api = api_of(world.owner)
    made = [send(api, world.customer.pk).json()["id"] for _ in range(3)]
    asked = []
    for limit in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            page = api.get("files", limit=limit).json()
        asked.append(len(queries))
        assert len(page["results"]) == limit
    assert asked[0] == asked[1]
    first = api.get("files", limit=2).json()
    second = api.get("files", limit=2, cursor=first["next"]).json()
    assert [row["id"] for row in first["results"] + second["results"]] == made[::-1]
    assert second["next"] is None
