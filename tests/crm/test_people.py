"""Pages about people who log in, their teams, and everybody's own profile."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import access
from accounts.customers.models import Customer
from accounts.surveys.services import assign_case
from accounts.users import services
from accounts.users.models import Role, Team, User
from crm.forms.people import UserForm
from crm.queries import people as queries
from tests.accounts.surveys.office import DUE, office_of
from tests.conftest import World, person


@pytest.fixture
def admin(client: Client, world: World) -> Client:
    client.force_login(world.admin)
    return client


def form_of(user: User, **values: object) -> dict[str, object]:
    present: dict[str, object] = {
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "language": user.language,
        "time_zone": user.time_zone,
        "teams": list(user.team_memberships.values_list("team", flat=True)),
    }
    return present | values


def names(client: Client, query: str = "") -> list[str]:
    return [row.name for row in client.get(f"/people/{query}").context["page"].rows]


def test_the_list_finds_people_by_name_role_and_state(admin: Client, world: World) -> None:
    services.deactivate(world.mate)
    User.objects.filter(pk=world.owner.pk).update(last_login="2026-03-02T09:00Z")
    assert "Mate" not in names(admin)
    assert names(admin, "?state=inactive") == ["Mate"]
    assert names(admin, "?q=OWN") == ["Owner"]
    assert names(admin, "?role=executive&state=active") == ["Executive"]
    assert "Owner" not in names(admin, "?state=invited")
    assert "Lead" in names(admin, "?state=invited")


def test_the_list_pages_by_name_both_ways(
    admin: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE_ROWS", 3)
    expected = list(User.objects.order_by("sort_key", "pk").values_list("name", flat=True))
    seen, pages, query = [], 0, "?state="
    while True:
        page = admin.get(f"/people/{query}").context["page"]
        seen += [row.name for row in page.rows]
        pages += 1
        if page.older is None:
            break
        query = f"?state=&after={page.older}"
    assert (seen, pages) == (expected, 3)
    back = admin.get(f"/people/?state=&before={page.newer}").context["page"]
    assert [row.name for row in back.rows] == expected[3:6]
    assert (back.newer, back.older) != (None, None)
    assert names(admin, "?state=&after=none&before=") == expected[:3]


def test_htmx_gets_the_table_alone(admin: Client) -> None:
    assert "<html" not in admin.get("/people/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" in admin.get("/people/").content.decode()


def test_the_list_takes_as_many_queries_for_thirty_people_as_for_three(
    admin: Client, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(12) as few:  # type: ignore[operator]
        admin.get("/people/")
    for number in range(27):
        person(f"extra{number}")
    with django_assert_max_num_queries(len(few)):  # type: ignore[operator]
        assert len(names(admin)) > 30


def test_an_invited_person_is_as_the_form_said(admin: Client, world: World) -> None:
    east = Team.objects.get(name="East")
    data = {
        "name": " Anna Berg ",
        "email": "Anna@Truenorth.test",
        "role": "project_manager",
        "may_see_profit": "on",
        "teams": [east.pk],
        "language": "zh-hant",
        "time_zone": "Asia/Taipei",
    }
    assert admin.post("/people/new", data).status_code == 302
    anna = User.objects.get(email="anna@truenorth.test")
    assert (anna.name, anna.role, anna.may_see_profit) == ("Anna Berg", "project_manager", True)
    assert (anna.language, anna.time_zone) == ("zh-hant", "Asia/Taipei")
    assert list(anna.team_memberships.values_list("team", flat=True)) == [east.pk]
    assert not anna.has_usable_password()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "OWNER@truenorth.test"),
        ("email", "no address"),
        ("name", " "),
        ("name", "x" * 121),
        ("name", "a\x00b"),
        ("role", "emperor"),
        ("language", "xx"),
        ("time_zone", "Mars/Olympus"),
        ("teams", ["999999"]),
    ],
)
def test_a_wrong_value_is_said_at_its_field_and_nothing_is_written(
    admin: Client, world: World, field: str, value: object
) -> None:
    before = User.objects.count()
    page = admin.post(
        "/people/new",
        form_of(User(email="new@truenorth.test", name="New", role="member", pk=0)) | {field: value},
    )
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert User.objects.count() == before


def test_a_person_is_changed_and_keeps_his_own_address(admin: Client, world: World) -> None:
    page = admin.post(f"/people/{world.owner.pk}", form_of(world.owner, name="Renamed", role="member"))
    assert page.status_code == 302
    changed = User.objects.get(pk=world.owner.pk)
    assert (changed.name, changed.role) == ("Renamed", "member")


def test_the_last_admin_is_told_why_he_keeps_his_role(admin: Client, world: World) -> None:
    page = admin.post(f"/people/{world.admin.pk}", form_of(world.admin, role="member"))
    assert page.status_code == 422
    assert "last active admin" in str(page.context["form"].errors["role"])
    page = admin.post(f"/people/{world.admin.pk}/deactivate", follow=True)
    assert "last active admin" in page.content.decode()
    assert User.objects.get(pk=world.admin.pk).is_admin


def test_after_deactivating_the_page_asks_who_takes_over(admin: Client, world: World) -> None:
    page = admin.post(f"/people/{world.owner.pk}/deactivate")
    assert page["Location"] == f"/people/{world.owner.pk}/hand-over"
    admin.post(page["Location"], {"to": world.mate.pk})
    assert Customer.objects.get(pk=world.customer.pk).owner == world.mate
    page = admin.post(f"/people/{world.manager.pk}/deactivate")
    assert page["Location"] == f"/people/{world.manager.pk}"


def test_whoever_keeps_only_a_corrective_action_hands_it_over_too(admin: Client, world: World) -> None:
    office = office_of(world)
    office.invite()
    office.say(office.chen, delivery="D")
    assign_case(office.case(), owner=world.member, by=world.manager, now=DUE)
    page = admin.post(f"/people/{world.member.pk}/deactivate", follow=True)
    assert page.context["holdings"].cases == 1
    admin.post(f"/people/{world.member.pk}/hand-over", {"to": world.manager.pk})
    assert office.case().owner == world.manager


@pytest.mark.parametrize("taker", ["owner", "executive", "inactive"])
def test_customers_do_not_go_to_himself_an_executive_or_somebody_inactive(
    admin: Client, world: World, taker: str
) -> None:
    services.deactivate(world.mate)
    to = {**world.users, "inactive": world.mate}[taker]
    assert admin.post(f"/people/{world.owner.pk}/hand-over", {"to": to.pk}).status_code == 422
    assert Customer.objects.get(pk=world.customer.pk).owner == world.owner


def test_whoever_owns_nobody_hands_his_projects_to_any_colleague_who_writes(
    admin: Client, world: World
) -> None:
    form = admin.get(f"/people/{world.owner.pk}/hand-over").context["form"]
    assert world.manager not in form.fields["to"].queryset
    form = admin.get(f"/people/{world.mate.pk}/hand-over").context["form"]
    assert world.manager in form.fields["to"].queryset
    assert world.executive not in form.fields["to"].queryset


def test_customers_are_offered_to_the_same_people_everywhere(admin: Client, world: World) -> None:
    offered = set(access.possible_owners(world.admin))
    assert offered == {world.owner, world.mate, world.lead, world.stranger, world.admin}
    forms = {
        "owner": [f"/customers/{world.customer.pk}/edit", "/customers/new", "/imports/new"],
        "to": [f"/people/{world.owner.pk}/hand-over"],
    }
    for field, addresses in forms.items():
        for address in addresses:
            people = set(admin.get(address).context["form"].fields[field].queryset)
            assert people | {world.owner} == offered, address


def test_the_customer_form_keeps_an_owner_whom_it_would_not_offer(admin: Client, world: World) -> None:
    User.objects.filter(pk=world.owner.pk).update(role=Role.MEMBER)
    assert world.owner not in access.possible_owners(world.admin)
    form = admin.get(f"/customers/{world.customer.pk}/edit").context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    assert data["owner"] == world.owner.pk
    page = admin.post(f"/customers/{world.customer.pk}/edit", data | {"short_name": "Renamed"})
    assert page.status_code == 302
    stored = Customer.objects.get(pk=world.customer.pk)
    assert (stored.short_name, stored.owner) == ("Renamed", world.owner)


def test_an_invitation_has_no_role_until_one_is_chosen(admin: Client, world: World) -> None:
    page = admin.get("/people/new").content.decode()
    assert '<option value="" selected>' in page
    data = form_of(world.owner, name="New", email="new@truenorth.test", role="")
    assert admin.post("/people/new", data).status_code == 422
    assert not User.objects.filter(email="new@truenorth.test").exists()


def test_an_invited_person_is_offered_the_time_zone_of_the_company(admin: Client, settings) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"
    assert admin.get("/people/new").context["form"]["time_zone"].value() == "Asia/Shanghai"


def test_api_tokens_are_found_in_the_menu_and_on_the_profile(admin: Client) -> None:
    assert admin.get("/profile").content.decode().count('href="/account/tokens/"') == 2


def test_the_lists_say_who_leads_a_team_and_that_its_lead_has_left(admin: Client, world: World) -> None:
    assert "leads East" in admin.get("/people/?q=Lead").content.decode()
    assert "leads East" not in admin.get("/people/?q=Mate").content.decode()
    assert "Inactive" not in admin.get("/teams/").content.decode()
    services.deactivate(world.lead)
    assert "Inactive" in admin.get("/teams/").content.decode()


def test_reactivating_lets_a_person_in_again(admin: Client, world: World) -> None:
    services.deactivate(world.owner)
    admin.post(f"/people/{world.owner.pk}/reactivate")
    assert User.objects.get(pk=world.owner.pk).is_active


def test_a_team_keeps_a_member_who_left_when_it_is_saved(admin: Client, world: World) -> None:
    services.deactivate(world.owner)
    east = Team.objects.get(name="East")
    page = admin.get(f"/teams/{east.pk}")
    assert str(world.owner.pk) in {str(value) for value, _ in page.context["form"].fields["members"].choices}
    data = {"name": "Far East", "lead": world.lead.pk, "members": [world.owner.pk, world.mate.pk]}
    assert admin.post(f"/teams/{east.pk}", data).status_code == 302
    assert east.members.count() == 2


def test_two_teams_do_not_have_one_name(admin: Client, world: World) -> None:
    data = {"name": "East", "lead": world.lead.pk}
    assert admin.post("/teams/new", data).status_code == 422
    assert Team.objects.count() == 1


def test_a_language_chosen_on_any_page_is_kept_for_the_person(client: Client, world: World) -> None:
    client.force_login(world.owner)
    client.post("/i18n/setlang/", {"language": "zh-hant", "next": "/profile"})
    assert User.objects.get(pk=world.owner.pk).language == "zh-hant"
    elsewhere = Client()
    elsewhere.force_login(world.owner)
    assert elsewhere.get("/profile")["Content-Language"] == "zh-hant"


def test_a_cookie_left_by_somebody_else_does_not_change_my_language(client: Client, world: World) -> None:
    client.post("/i18n/setlang/", {"language": "zh-hans"})
    assert client.get("/accounts/login/")["Content-Language"] == "zh-hans"
    client.force_login(world.owner)
    assert client.get("/profile")["Content-Language"] == "en"


def test_an_unknown_language_changes_nothing(client: Client, world: World) -> None:
    client.force_login(world.owner)
    client.post("/i18n/setlang/", {"language": "xx"})
    assert User.objects.get(pk=world.owner.pk).language == "en"


def test_everybody_changes_his_own_name_language_and_time_zone_and_nothing_else(
    client: Client, world: World
) -> None:
    client.force_login(world.owner)
    data = {
        "name": "Olga",
        "language": "zh-hans",
        "time_zone": "Asia/Shanghai",
        "role": "admin",
        "email": "x@y.z",
    }
    assert client.post("/profile", data).status_code == 302
    me = User.objects.get(pk=world.owner.pk)
    assert (me.name, me.language, me.time_zone) == ("Olga", "zh-hans", "Asia/Shanghai")
    assert (me.role, me.email) == (Role.ACCOUNT_MANAGER, "owner@truenorth.test")


def test_times_are_those_of_the_persons_own_zone(admin: Client, world: World) -> None:
    User.objects.filter(pk=world.admin.pk).update(time_zone="Asia/Shanghai")
    User.objects.filter(pk=world.owner.pk).update(last_login="2026-03-02T20:30Z")
    assert "4:30" in admin.get(f"/people/{world.owner.pk}").content.decode().replace("04:30", "4:30")


def test_a_form_offers_no_zone_twice() -> None:
    zones = [value for value, _ in UserForm(person=None).fields["time_zone"].choices]  # type: ignore[attr-defined]
    assert len(zones) == len(set(zones)) > 300


# -- The first admin -----------------------------------------------------------------------------------


def test_the_first_admin_is_made_from_a_file_or_a_variable(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "password"
    file.write_text("correct horse battery staple\n")
    call_command("create_admin", email="A@truenorth.test", name="Anna", password_file=file)
    anna = User.objects.get(email="a@truenorth.test")
    assert anna.is_admin
    assert anna.check_password("correct horse battery staple")
    monkeypatch.setenv("ADMIN_PASSWORD", "another long pass phrase")
    with pytest.raises(CommandError, match="There is an active admin"):
        call_command("create_admin", email="b@truenorth.test", name="Ben")
    call_command("create_admin", email="b@truenorth.test", name="Ben", force=True)
    assert User.objects.get(email="b@truenorth.test").check_password("another long pass phrase")


def test_the_first_admin_is_asked_for_what_is_missing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)
    said = iter(["c@truenorth.test", "Clara"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(said))
    typed = iter(["long pass phrase one", "long pass phrase two"])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    with pytest.raises(CommandError, match="differ"):
        call_command("create_admin")
    assert not User.objects.exists()
    said = iter(["c@truenorth.test", "Clara"])
    monkeypatch.setattr("getpass.getpass", lambda prompt: "long pass phrase one")
    call_command("create_admin")
    assert User.objects.get().name == "Clara"


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [
        ("no address", "correct horse battery staple", "valid e"),
        ("a@truenorth.test", "short", "too short"),
        ("owner@truenorth.test", "correct horse battery staple", "already"),
    ],
)
def test_a_wrong_first_admin_is_refused_in_one_sentence(
    world: World, monkeypatch: pytest.MonkeyPatch, email: str, password: str, said: str
) -> None:
    monkeypatch.setenv("ADMIN_PASSWORD", password)
    before = User.objects.count()
    with pytest.raises(CommandError, match=said):
        call_command("create_admin", email=email, name="Anna", force=True)
    assert User.objects.count() == before
