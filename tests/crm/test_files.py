"""Files of a customer: taken by what they are, given back harmless, deleted and brought back."""

from __future__ import annotations

import datetime as dt
import io
import struct
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.files.models import Attachment
from accounts.files.services import add_file, delete_file, remove_deleted_files
from accounts.interactions.models import Interaction
from tests.conftest import MONDAY, World

PDF = b"%PDF-1.7\n%\xe2\xe3\n1 0 obj<</Type/Catalog>>endobj\n%%EOF"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def zipped(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for name in names:
            packed.writestr(name, "x")
    return content.getvalue()


def send(client: Client, world: World, *files: tuple[str, bytes], **fields: object) -> list[str]:
    """What the page says afterwards."""
    sent = [SimpleUploadedFile(name, content, content_type="application/pdf") for name, content in files]
    url = f"/customers/{world.customer.pk}/files/upload"
    answer = client.post(url, {"files": sent, **fields}, follow=True)
    return [str(message) for message in answer.context["messages"]]


def kept(world: World, name: str = "offer.pdf", content: bytes = PDF) -> Attachment:
    return add_file(
        customer=world.customer,
        content=ContentFile(content),
        name=name,
        uploaded_by=world.owner,
        now=MONDAY,
        most_bytes=2**20,
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("offer.pdf", PDF),
        ("PHOTO.PNG", PNG),
        ("photo.jpeg", b"\xff\xd8\xff\xe0" + b"\0" * 9),
        ("plan.docx", zipped("[Content_Types].xml", "word/document.xml")),
        ("plan.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml")),
        ("drawings.zip", zipped("a.step")),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 9),
        ("会议纪要.txt", "下周一发货".encode("gb18030")),
        ("rows.csv", b"a,b\n1,2\n"),
    ],
)
def test_a_file_that_is_what_its_name_says_is_kept(
    owner: Client, world: World, name: str, content: bytes
) -> None:
    assert send(owner, world, (name, content)) == ["1 file added."]
    file = Attachment.objects.get()
    assert (file.name, file.bytes, file.uploaded_by) == (name, len(content), world.owner)
    assert name not in file.path
    given = owner.get(f"/files/{file.pk}")
    assert b"".join(given.streaming_content) == content
    assert given.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("offer.pdf", HTML),
        ("offer.pdf", b"\n\n" + HTML),
        ("photo.png", SVG),
        ("notes.txt", HTML),
        ("page.html", HTML),
        ("drawing.svg", SVG),
        ("run.exe", b"MZ\x90\0"),
        ("run.pdf", b"MZ\x90\0"),
        ("run.txt", b"#!/bin/sh\nrm"),
        ("plan.docx", zipped("[Content_Types].xml", "xl/workbook.xml")),
        ("plan.xlsx", zipped("word/document.xml")),
        ("noname", PDF),
        ("offer.pdf.html", PDF),
        ("broken.zip", b"PK\x03\x04broken"),
        ("empty.txt", b""),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    owner: Client, world: World, name: str, content: bytes
) -> None:
    (said,) = send(owner, world, (name, content)) or [""]
    assert name in said or "Choose a file" in said
    assert not Attachment.objects.exists()
    assert not any(Path(default_storage.location).rglob("*.*"))


def bomb(times: int, *, files: int = 1) -> bytes:
    """A small ZIP whose files together are ``times`` MB of zeros."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for at in range(files):
            packed.writestr(f"{at}.txt", b"\0" * (times * 2**20 // files))
    return content.getvalue()


def lying_document() -> bytes:
    """An open document whose statement of its kind would unpack to 50 MB."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_BZIP2) as packed:
        packed.writestr("mimetype", b"a" * 50 * 2**20)
    size = struct.pack("<I", 50 * 2**20)
    return content.getvalue().replace(size, struct.pack("<I", 100))


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("bomb.zip", bomb(120), "would unpack to far more than it is"),
        ("bomb.zip", bomb(120, files=60), "would unpack to far more than it is"),
        ("many.zip", zipped("a") + b"PK\x01\x02" * 20_001, "would unpack to far more than it is"),
        ("many.docx", zipped("a") + b"PK\x01\x02" * 20_001, "is not what its name says"),
        ("lying.odt", lying_document(), "is not what its name says"),
        ("page.odt", zipped("mimetype"), "is not what its name says"),
        ("script.svg", SVG, "is of a kind that is not kept"),
        ("script.png", SVG, "is not what its name says"),
        ("page.pdf", HTML + PDF, "is not what its name says"),
        ("page.txt", b"\xef\xbb\xbf " + HTML, "is not what its name says"),
        ("sheet.xlsx", zipped("xl/workbook.xml"), "is not what its name says"),
        ("empty.pdf", b"", "is empty"),
        ("a\u202efdp.exe", b"MZ", "afdp.exe is of a kind that is not kept"),
        (".pdf", PDF, "is of a kind that is not kept"),
        ("a." + "x" * 300, PDF, "is of a kind that is not kept"),
    ],
)
def test_what_is_refused_says_why(owner: Client, world: World, name: str, content: bytes, why: str) -> None:
    (said,) = send(owner, world, (name, content))
    assert why in said
    assert "\u202e" not in said
    assert len(said) < 320
    assert not Attachment.objects.exists()
    assert not any(each.is_file() for each in Path(default_storage.location).rglob("*"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", PDF + HTML),
        ("b.gif", b"GIF89a=1;alert(1)//" + HTML),
        ("c.jpg", b"\xff\xd8\xff\xe0" + HTML + zipped("a")),
        ("d.png", PNG + SVG),
        ("e.txt", b"words " + HTML),
        ("f.eml", b"Content-Type: text/html\n\n" + HTML),
        ("g.zip", zipped("../../etc/passwd", "page.html")),
    ],
)
def test_what_is_two_things_at_once_is_given_back_as_the_harmless_one(
    owner: Client, world: World, name: str, content: bytes
) -> None:
    file = kept(world, name, content)
    answer = owner.get(f"/files/{file.pk}")
    is_shown = answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["Content-Type"] == (file.type if is_shown else "application/octet-stream")
    assert is_shown == name.endswith((".pdf", ".gif", ".jpg", ".png"))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\fakepath\\offer.txt", "offer.txt"),
        ("invoice\u202etxt.exe.txt", "invoicetxt.exe.txt"),
        ("a\u200b.txt\u2066", "a.txt"),
        ("👍🏽 会议.txt", "👍🏽 会议.txt"),
        ("a\r\nX: y.txt", "a X: y.txt"),
        ("عقد.txt", "عقد.txt"),
    ],
)
def test_a_name_is_shown_without_what_hides_in_it(owner: Client, world: World, name: str, shown: str) -> None:
    file = kept(world, name, b"words")
    assert file.name == shown
    assert shown in owner.get(f"/customers/{world.customer.pk}/files").content.decode()
    said = owner.get(f"/files/{file.pk}").headers["Content-Disposition"]
    assert said.isascii()
    assert said.startswith("attachment; filename")
    assert default_storage.path(file.path).startswith(str(default_storage.location))


def test_of_several_files_the_good_ones_are_kept(owner: Client, world: World) -> None:
    said = send(owner, world, ("a.pdf", PDF), ("b.pdf", HTML), ("c.png", PNG))
    assert said[-1] == "2 files added."
    assert "b.pdf is not what its name says" in said[0]


def test_a_file_that_is_too_large_is_refused(owner: Client, world: World, settings: Any) -> None:
    settings.FILE_LIMIT_BYTES = 2**20
    assert send(owner, world, ("big.txt", b"x" * (2**20 + 1))) == ["big.txt is too large: at most 1 MB."]
    assert not Attachment.objects.exists()


def test_only_pictures_and_pdfs_open_in_the_window(owner: Client, world: World) -> None:
    for name, content, is_inline in (
        ("a.pdf", PDF, True),
        ("b.png", PNG, True),
        ("c.txt", b"words", False),
        ("d.zip", zipped("a"), False),
    ):
        file = kept(world, name, content)
        answer = owner.get(f"/files/{file.pk}")
        assert answer.headers["Content-Disposition"].startswith("inline" if is_inline else "attachment"), name
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        saved = owner.get(f"/files/{file.pk}?save=1")
        assert saved.headers["Content-Disposition"].startswith("attachment")
        assert saved.headers["Content-Type"] == "application/octet-stream"


def test_a_hostile_name_is_only_shown(owner: Client, world: World) -> None:
    file = kept(world, '../../etc/<img src=x onerror="1">\r\nSet-Cookie: a.pdf')
    page = owner.get(f"/customers/{world.customer.pk}/files").content.decode()
    assert "<img src=x" not in page
    answer = owner.get(f"/files/{file.pk}")
    assert "Set-Cookie" not in answer.headers
    assert "/" not in file.name
    assert len(kept(world, "长" * 300 + ".pdf").name) == 160


def test_a_file_is_nobodys_who_does_not_see_the_customer(client: Client, world: World) -> None:
    file = kept(world)
    client.force_login(world.stranger)
    for method, url in (("get", f"/files/{file.pk}"), ("post", f"/files/{file.pk}/delete")):
        assert getattr(client, method)(url).status_code == 404
    assert client.get("/files/99999999").status_code == 404
    file.refresh_from_db()
    assert file.deleted_at is None


def test_a_deleted_file_comes_back_for_whoever_deleted_it(client: Client, world: World) -> None:
    file = kept(world)
    client.force_login(world.owner)
    page = client.post(f"/files/{file.pk}/delete", follow=True).content.decode()
    assert f'action="/files/{file.pk}/restore"' in page
    assert client.get(f"/files/{file.pk}").status_code == 404
    for name in ("admin", "lead", "stranger"):
        client.force_login(world.users[name])
        assert client.post(f"/files/{file.pk}/restore").status_code == 404, name
    client.force_login(world.owner)
    client.post(f"/files/{file.pk}/restore")
    assert client.get(f"/files/{file.pk}").status_code == 200
    assert client.post(f"/files/{file.pk}/restore").status_code == 404


def test_what_was_deleted_long_ago_is_removed_with_its_content(owner: Client, world: World) -> None:
    old, recent, present = kept(world), kept(world), kept(world)
    now = timezone.now()
    delete_file(old, deleted_by=world.owner, now=now - dt.timedelta(days=31))
    delete_file(recent, deleted_by=world.owner, now=now - dt.timedelta(days=29))
    assert remove_deleted_files(before=now - dt.timedelta(days=30)) == 1
    assert set(Attachment.objects.all()) == {recent, present}
    assert not default_storage.exists(old.path)
    assert default_storage.exists(recent.path)
    assert remove_deleted_files(before=now - dt.timedelta(days=30)) == 0


def test_files_of_an_interaction_stand_on_its_page_and_on_the_customers(owner: Client, world: World) -> None:
    talk = Interaction.objects.create(
        customer=world.customer, kind="visit", started_at=MONDAY, author=world.owner, known_at=MONDAY
    )
    foreign = Interaction.objects.create(
        customer=world.foreign, kind="visit", started_at=MONDAY, author=world.stranger, known_at=MONDAY
    )
    here = f"/interactions/{talk.identity}"
    assert send(owner, world, ("a.pdf", PDF), ("b.png", PNG), interaction=talk.identity, next=here) == [
        "2 files added."
    ]
    assert "b.png" in owner.get(here).content.decode()
    page = owner.get(f"/customers/{world.customer.pk}/files").content.decode()
    assert f'href="{here}"' in page
    url = f"/customers/{world.customer.pk}/files/upload"
    for other in (foreign.identity, uuid.uuid4(), "x"):
        sent = {"files": SimpleUploadedFile("c.pdf", PDF), "interaction": other}
        assert owner.post(url, sent).status_code == 404
    assert Attachment.objects.count() == 2


def test_thirty_files_take_as_many_queries_as_three(owner: Client, world: World) -> None:
    url = f"/customers/{world.customer.pk}/files"
    counts = []
    for more in (3, 27):
        for at in range(more):
            kept(world, f"{at}.pdf")
        owner.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert owner.get(url).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
