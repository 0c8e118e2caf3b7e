"""Templates: an admin writes them, a text that is empty can begin with them, and typed words stay."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.customers.services import ConflictError
from accounts.interactions.models import Interaction, InteractionKind, KindTemplate
from accounts.interactions.standard import STANDARD
from accounts.interactions.templates import TemplateFacts, delete_template, restore_template, save_template
from tests.conftest import MONDAY, World

VISIT = InteractionKind.VISIT
STANDARD_SET = import_module("accounts.interactions.migrations.0010_standard_templates")


@pytest.fixture(autouse=True)
def _none_yet(db: None) -> None:
    KindTemplate.objects.all().delete()


@pytest.fixture
def admin(client: Client, world: World) -> Client:
    client.force_login(world.admin)
    return client


def written(kind: InteractionKind = VISIT, text: str = "Present:\nAgreed:", hans: str = "") -> KindTemplate:
    return save_template(TemplateFacts(kind, text, hans))


def log_url(world: World) -> str:
    return f"/customers/{world.customer.pk}/interactions/new"


def typed(**changed: object) -> dict[str, object]:
    form = {"kind": "visit", "started_at": "2026-03-02 09:00", "minutes": "30", "direction": "outbound"}
    return form | {"summary": ""} | changed


def test_every_installation_begins_with_templates_in_three_languages() -> None:
    own = written(text="Our own:")
    STANDARD_SET.write_standard(apps, None)
    STANDARD_SET.write_standard(apps, None)
    found = {template.kind: template for template in KindTemplate.objects.all()}
    assert found.keys() == {facts.kind.value for facts in STANDARD}
    assert found["visit"] == own
    meeting = found["meeting"]
    assert meeting.text_in("en") == "Present:\nDiscussed:\nAgreed:\nNext:"
    texts = [template.text_in(language).splitlines() for template in found.values() for language in ("en",)]
    assert all(line.endswith(":") for lines in texts for line in lines)
    for template in set(found.values()) - {own}:
        lengths = {len(template.text_in(each).splitlines()) for each in ("en", "zh-hans", "zh-hant")}
        assert len(lengths) == 1
        assert template.text_in("zh-hans") != template.text_in("zh-hant")


def test_a_language_without_a_text_of_its_own_is_offered_the_english_one() -> None:
    template = written(hans="参加人员：")
    assert template.text_in("zh-hans") == "参加人员："
    assert template.text_in("zh-hant") == template.text_in("en") == "Present:\nAgreed:"


def test_an_admin_writes_changes_deletes_and_brings_back(admin: Client) -> None:
    admin.post("/templates/new", {"kind": "visit", "text": "  Seen: \r\nAgreed: \r\n"})
    template = KindTemplate.objects.get()
    assert template.text == "Seen:\nAgreed:"
    assert 'value="visit"' not in admin.get("/templates/new").content.decode()
    changed = {"kind": "visit", "text": "Seen:", "text_zh_hans": "现场所见：", "version": template.version}
    assert admin.post(f"/templates/{template.pk}", changed).status_code == 302
    assert "现场所见：" in admin.get("/templates/").content.decode()
    page = admin.post(f"/templates/{template.pk}/delete", follow=True).content.decode()
    assert "No template yet" in page
    assert f'action="/templates/{template.pk}/delete"' in page
    assert admin.get(f"/templates/{template.pk}").status_code == 404
    admin.post(f"/templates/{template.pk}/delete", {"undo": "1"})
    assert KindTemplate.objects.get(deleted_at=None).text == "Seen:"
    old = KindTemplate.pgh_event_models["changed"].objects.filter(pgh_obj=template.pk)  # type: ignore[attr-defined]
    assert "Seen:\nAgreed:" in old.values_list("text", flat=True)


def test_a_kind_has_one_template(admin: Client) -> None:
    first = written()
    with pytest.raises(ValidationError):
        written()
    delete_template(first, now=MONDAY)
    second = written(text="Seen:")
    with pytest.raises(ValidationError):
        restore_template(first)
    page = admin.post(f"/templates/{first.pk}/delete", {"undo": "1"}, follow=True).content.decode()
    assert "This kind has a template already." in page
    with pytest.raises(IntegrityError), transaction.atomic():
        KindTemplate.objects.create(kind="visit", text="x")
    assert KindTemplate.objects.get(deleted_at=None) == second


def test_two_admins_do_not_overwrite_each_other(admin: Client) -> None:
    template = written()
    save_template(TemplateFacts(VISIT, "First:"), stored=template, version=1)
    with pytest.raises(ConflictError):
        save_template(TemplateFacts(VISIT, "Second:"), stored=template, version=1)
    answer = admin.post(f"/templates/{template.pk}", {"kind": "visit", "text": "Second:", "version": 1})
    assert (answer.status_code, b"First:" in answer.content) == (422, True)


@pytest.mark.parametrize("text", ["", " \n ", "x" * 2_001])
def test_an_empty_or_endless_template_is_refused(admin: Client, text: str) -> None:
    answer = admin.post("/templates/new", {"kind": "visit", "text": text})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["text"])
    with pytest.raises(ValidationError):
        written(text=text)
    assert not KindTemplate.objects.exists()


def test_the_button_begins_an_empty_text_and_saves_nothing(client: Client, world: World) -> None:
    written(hans="参加人员：\n达成一致：")
    world.owner.language = "zh-hans"
    world.owner.save()
    client.force_login(world.owner)
    answer = client.post(log_url(world), typed(minutes="45", use_template="1"))
    form = answer.context["form"]
    assert answer.status_code == 200
    assert (form["summary"].value(), form["minutes"].value()) == ("参加人员：\n达成一致：", "45")
    assert not Interaction.objects.exists()
    kept = client.post(log_url(world), typed(summary="谈了价格", use_template="1"))
    assert kept.context["form"]["summary"].value() == "谈了价格"
    none = client.post(log_url(world), typed(kind="fax", use_template="1"))
    assert none.context["form"]["summary"].value() == ""
    assert not Interaction.objects.exists()


def test_a_known_interaction_without_a_text_is_offered_it_too(client: Client, world: World) -> None:
    written()
    client.force_login(world.owner)
    client.post(log_url(world), typed())
    talk = Interaction.objects.get()
    url = f"/interactions/{talk.identity}/edit"
    answer = client.post(url, typed(version=talk.pk, use_template="1"))
    assert answer.context["form"]["summary"].value() == "Present:\nAgreed:"
    assert Interaction.objects.get() == talk


def test_a_form_offers_what_there_is_and_enter_saves_it(client: Client, world: World) -> None:
    client.force_login(world.owner)
    assert b"use_template" not in client.get(log_url(world)).content
    written(text='</script><b>":')
    page = client.get(log_url(world)).content.decode()
    assert "<b>" not in page
    form = page[page.index("data-kept=") :]
    first, offered = form.index('<button type="submit"'), form.index('name="use_template"')
    assert first < form.index("aria-hidden", first) < offered
