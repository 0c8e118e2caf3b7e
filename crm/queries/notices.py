"""Reads for the notices of a person, and for the bell that counts them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from accounts import access
from accounts.notices.models import Notice
from accounts.surveys.models import CorrectiveAction, SurveyDimension
from accounts.users.models import User
from crm.queries import keyset

COUNTED = 100
"""The bell says "99+" from here on."""


@dataclass(frozen=True)
class Names:
    """What the facts of some notices point at, as far as the reader may see it: by id or code."""

    projects: dict[int, str]
    cases: dict[int, CorrectiveAction]
    contacts: dict[int, str]
    users: dict[int, str]
    imports: frozenset[int]
    actions: dict[int, str]
    needs: dict[int, str]
    contracts: dict[int, str]
    dimensions: dict[str, str]


def page_of_notices(user: User, *, after: str = "", before: str = "") -> keyset.Page[Notice]:
    """The latest first."""
    found = access.visible_notices(user)
    order = [keyset.Part(found, ("-pk",), (int,))]
    page = keyset.page_or_first(order, after=after, before=before)
    count, is_exact = keyset.count_of(found)
    by_id = Notice.objects.select_related("customer").in_bulk(page.rows)
    rows = [by_id[pk] for pk in page.rows if pk in by_id]
    return keyset.Page(rows, page.newer, page.older, count, is_exact)


def unread_count(user: User) -> int:
    """Of the notices he may see; `COUNTED` stands for as many or more."""
    unread = access.visible_notices(user).filter(read_at=None)
    return unread.order_by("-pk").values("pk")[:COUNTED].count()


def names_behind(user: User, notices: Iterable[Notice]) -> Names:
    """Nine queries for however many notices. What he may not see, or is gone, is not among the names."""
    facts = [notice.facts for notice in notices]
    cases = access.visible_cases(user).filter(pk__in=_ids(facts, "case"))
    imports = access.visible_imports(user).filter(pk__in=_ids(facts, "import"))
    actions = access.visible_actions(user).filter(pk__in=_ids(facts, "action"))
    needs = access.visible_needs(user).filter(pk__in=_ids(facts, "need"))
    contracts = access.visible_contracts(user).filter(pk__in=_ids(facts, "contract"))
    language = get_language() or "en"
    return Names(
        projects=_by_id(access.graded_projects(user).filter(pk__in=_ids(facts, "project"))),
        cases=cases.select_related("project", "dimension", "customer").in_bulk(),
        contacts=_by_id(access.visible_contacts(user).filter(pk__in=_ids(facts, "contact"))),
        users=_by_id(User.objects.filter(pk__in=_ids(facts, "by"))),
        imports=frozenset(imports.values_list("pk", flat=True)),
        actions=dict(actions.values_list("pk", "title")),
        needs=dict(needs.values_list("pk", "title")),
        contracts=dict(contracts.values_list("pk", "title")),
        dimensions={
            dimension.code: dimension.name_in(language)
            for dimension in SurveyDimension.objects.filter(programme__is_weekly=True)
        },
    )


def _ids(facts: list[dict[str, Any]], name: str) -> set[int]:
    found = {each.get(name) for each in facts}
    if name == "case":
        found |= {pk for each in facts for pk in each.get("cases", {}).values()}
    return {pk for pk in found if isinstance(pk, int)}


def _by_id(found: Any) -> dict[int, str]:
    return dict(found.values_list("pk", "name"))
