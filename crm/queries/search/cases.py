"""A corrective action by the number that people call it by."""

from __future__ import annotations

import re

from accounts import access
from accounts.users.models import User
from crm.queries.search.asking import Question
from crm.queries.search.named import Found

_NUMBER = re.compile(r"ca0*([1-9][0-9]{0,17})", re.ASCII)


def find_case(question: Question, user: User) -> list[Found]:
    """``CA-17``, ``ca 17``: that one, if he sees it; nothing is asked for other words."""
    number = _NUMBER.fullmatch(question.squeezed)
    if number is None:
        return []
    cases = access.visible_cases(user).filter(pk=int(number[1])).select_related("customer", "project")
    return [
        Found(
            kind="case",
            pk=case.pk,
            customer_id=case.customer_id,
            title=case.number,
            note=case.project.name,
            customer=case.customer.short_name,
            others=[],
            total=1,
            place=1,
        )
        for case in cases
    ]
