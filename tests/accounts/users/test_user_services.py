"""Writes of users and teams."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from knox.models import AuthToken

from accounts.users import services
from accounts.users.models import Role, Team, TeamMember, User
from tests.conftest import MONDAY, World, person


def changed(user: User, **values: object) -> User:
    present: dict[str, object] = {
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "language": user.language,
        "time_zone": user.time_zone,
        "may_see_profit": user.may_see_profit,
        "teams": [membership.team for membership in user.team_memberships.all()],
    }
    services.change_user(user, **(present | values))  # type: ignore[arg-type]
    return User.objects.get(pk=user.pk)


def test_an_address_is_taken_whatever_its_case(db: None) -> None:
    person("anna")
    with pytest.raises(IntegrityError), transaction.atomic():
        services.create_user(email="ANNA@truenorth.test ", name="Another", role=Role.MEMBER)
    assert User.objects.filter(email__iexact="anna@truenorth.test").count() == 1


def test_a_new_person_has_no_password_until_he_sets_one(db: None) -> None:
    user = services.create_user(email="new@truenorth.test", name="New", role=Role.MEMBER)
    assert not user.has_usable_password()
    assert not user.check_password("")


def test_a_chinese_name_sorts_by_its_pinyin(db: None) -> None:
    assert person("x").sort_key == "x"
    user = services.create_user(email="wang@truenorth.test", name="王芳", role=Role.MEMBER)
    assert user.sort_key == "wang fang"
    assert changed(user, name="安娜").sort_key == "an na"


def test_teams_are_what_was_said_last(world: World) -> None:
    west = Team.objects.create(name="West", lead=world.admin)
    changed(world.owner, teams=[west])
    assert set(world.owner.team_memberships.values_list("team__name", flat=True)) == {"West"}


def test_deactivating_ends_sessions_and_tokens_and_reactivating_does_not_revive_them(world: World) -> None:
    before = world.owner.get_session_auth_hash()
    AuthToken.objects.create(world.owner)
    AuthToken.objects.create(world.mate)
    services.deactivate(world.owner)
    services.reactivate(world.owner)
    assert User.objects.get(pk=world.owner.pk).get_session_auth_hash() != before
    assert list(AuthToken.objects.values_list("user", flat=True)) == [world.mate.pk]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_the_last_active_admin_keeps_his_role(world: World, role: Role) -> None:
    with pytest.raises(services.LastAdminError):
        changed(world.admin, role=role, name="Renamed")
    kept = User.objects.get(pk=world.admin.pk)
    assert (kept.role, kept.name) == (Role.ADMIN, "Admin")


def test_the_last_active_admin_cannot_be_deactivated(world: World) -> None:
    other = person("second", Role.ADMIN)
    services.deactivate(other)
    with pytest.raises(services.LastAdminError):
        services.deactivate(world.admin)
    assert User.objects.get(pk=world.admin.pk).is_active


def test_an_admin_who_was_only_invited_does_not_let_the_last_one_go(world: World) -> None:
    invited = services.create_user(email="new@truenorth.test", name="New", role=Role.ADMIN)
    with pytest.raises(services.LastAdminError):
        services.deactivate(world.admin)
    assert User.objects.get(pk=world.admin.pk).is_active
    services.deactivate(invited)  # he keeps nobody in, so he may go
    User.objects.filter(pk=invited.pk).update(is_active=True, last_login=MONDAY)  # a passkey is no password
    services.deactivate(world.admin)
    assert not User.objects.get(pk=world.admin.pk).is_active


def test_an_admin_may_go_when_another_stays(world: World) -> None:
    person("second", Role.ADMIN)
    services.deactivate(world.admin)
    assert not User.objects.get(pk=world.admin.pk).is_active


def test_two_admins_who_deactivate_each_other_at_once_leave_one(transactional_db: None) -> None:
    admins = [person("first", Role.ADMIN), person("second", Role.ADMIN)]
    start, outcomes = threading.Barrier(2), []

    def deactivate(user: User) -> None:
        start.wait()
        try:
            services.deactivate(user)
            outcomes.append("done")
        except services.LastAdminError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=deactivate, args=(user,)) for user in admins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    assert User.objects.filter(role=Role.ADMIN, is_active=True).count() == 1


def test_a_new_password_ends_the_other_sessions(world: World) -> None:
    before = world.owner.get_session_auth_hash()
    services.set_password(world.owner, password="another long pass phrase")
    assert User.objects.get(pk=world.owner.pk).get_session_auth_hash() != before


def test_a_stale_copy_of_a_person_does_not_undo_what_others_wrote(world: World) -> None:
    stale = User.objects.get(pk=world.owner.pk)
    services.deactivate(world.owner)
    services.set_password(stale, password="another long pass phrase")
    services.change_language(stale, language="zh-hans")
    assert not User.objects.get(pk=world.owner.pk).is_active


def test_a_team_is_renamed_and_keeps_only_the_members_named(world: World) -> None:
    team = Team.objects.get(name="East")
    services.save_team(team, name="Far East", lead=world.admin, members=[world.mate, world.stranger])
    team.refresh_from_db()
    assert (team.name, team.lead) == ("Far East", world.admin)
    assert set(TeamMember.objects.values_list("user", flat=True)) == {world.mate.pk, world.stranger.pk}


def test_a_deleted_team_leaves_its_people(world: World) -> None:
    services.delete_team(Team.objects.get(name="East"))
    assert not TeamMember.objects.exists()
    assert User.objects.filter(pk__in=[world.owner.pk, world.mate.pk, world.lead.pk]).count() == 3


def test_history_keeps_the_old_role_but_no_password(world: World) -> None:
    changed(world.owner, role=Role.MEMBER)
    event = world.owner.events.get()  # type: ignore[attr-defined]
    assert event.role == Role.ACCOUNT_MANAGER
    columns = {field.name for field in event._meta.fields}
    assert "email" in columns
    assert not {"password", "last_login", "session_epoch"} & columns
