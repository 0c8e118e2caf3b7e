"""Surveys beside the weekly one in the book: one that is answered, asked and over, and its next draft."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.occasions.facts import OptionFacts, QuestionFacts
from accounts.occasions.models import OccasionInvitation
from accounts.occasions.services import OccasionFacts, answer_survey
from accounts.surveys.models import VersionState
from accounts.surveys.services import AnswerFacts
from accounts.surveys.standard import Words
from accounts.users.models import User
from tests.crm.asked import BY_HAND, DAY, asked, draft_of, survey, token_of


def _words(name: str) -> Words:
    return Words(name=name, name_zh_hans=name, name_zh_hant=name)


QUESTIONS = (
    QuestionFacts(code="why", kind="text", words=_words("收货时有何困难？")),
    QuestionFacts(
        code="how",
        kind="several",
        words=_words("使用何种设备卸货？"),
        options=(
            OptionFacts(code="fork", words=_words("叉车")),
            OptionFacts(code="hand", words=_words("人工")),
        ),
    ),
    QuestionFacts(code="long", kind="number", words=_words("卸货用了多长时间？"), unit="min"),
)


def surveys_of(customer: Customer, contacts: Sequence[Contact], owner: User) -> dict[str, dict[str, Any]]:
    """What addresses of surveys need, by the name pages.py gives it."""
    programme = survey(replace(BY_HAND, questions=QUESTIONS))
    said, waits, over = (asked(contact, owner, programme) for contact in contacts)
    facts = OccasionFacts(
        answer=AnswerFacts(
            grades={"packaging": "C", "on_time": "A-"},
            not_applicable=frozenset({"documents"}),
            dimension_comments={"packaging": "两个箱子受潮。"},
        ),
        texts={"why": "没有卸货平台。"},
        numbers={"long": Decimal("12.5")},
        choices={"how": ["fork"]},
    )
    answer_survey(said, facts=facts, idempotency_key=uuid.uuid4().hex, now=timezone.now())
    links = {
        name: {"token": token_of(invitation)}
        for name, invitation in (("occasion_said", said), ("occasion_link", waits), ("occasion_over", over))
    }
    now = timezone.now()
    OccasionInvitation.objects.filter(pk=over.pk).update(due_at=now - 20 * DAY, closes_at=now - DAY)
    return links | {
        "survey": {"pk": programme.pk},
        "survey_version": {"pk": programme.versions.get(state=VersionState.ACTIVE).pk},
        "survey_draft": {"pk": draft_of(programme).pk},
        "occasion": {"pk": said.occasion_id},
        "interview": {"pk": said.occasion_id, "contact": said.contact_id},
    }
