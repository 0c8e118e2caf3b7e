"""The demo's surveys beside the weekly one: graded deliveries, and yearly answers on needs of last quarter.

Who answers what follows from one seed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from django.db import transaction
from django.db.models import F

from accounts.contacts.models import Contact, Level
from accounts.customers.services import company_day
from accounts.facts import CURRENT
from accounts.notices.models import Notice
from accounts.occasions.facts import QuestionFacts, SurveyFacts, survey_facts_of
from accounts.occasions.models import EventKind, OccasionInvitation, QuestionKind
from accounts.occasions.queries import active_version
from accounts.occasions.queries.asking import candidates
from accounts.occasions.services import (
    OccasionFacts,
    answer_survey,
    ask_about,
    create_programme,
    draft_survey,
    make_due_occasions,
    publish_survey,
    save_draft,
)
from accounts.occasions.standard import DELIVERY, NEEDS
from accounts.orders.models import Order, OrderKind
from accounts.surveys.models import ProgrammeKind, SurveyProgramme
from accounts.surveys.services import AnswerFacts
from accounts.surveys.standard import Words
from accounts.users.models import User
from accounts.voice.models import Voice
from accounts.voice.services import OWNED_NOTICE, answer_voice
from crm.demo.story.cast import email

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
SEED = 20_261_122
PUBLISHED = 100 * DAY
YEARLY_AGO = 70 * DAY
DELIVERIES = 36
YEARLY_ANSWERS = 60
SHARE_ANSWERED = 0.72
LIKED = 0.4
GRADES = ("A", "A-", "B+", "B", "B-", "C", "D")
OF_DELIVERIES = (0.3, 0.27, 0.22, 0.13, 0.04, 0.03, 0.01)
OF_THE_YEAR = (0.36, 0.29, 0.2, 0.12, 0.02, 0.01, 0.0)
# Words: English, Chinese.
BAD = (
    ("Two boxes were wet, the goods inside were fine.", "两个箱子受潮，里面的货物完好。"),
    ("The delivery note lacked our order number.", "送货单上没有我们的订单号。"),
    ("It came a day late and nobody told us.", "晚到一天，事先也没有通知。"),
    ("The pallet was too high for our ramp.", "托盘过高，无法通过我们的卸货平台。"),
)
GOOD = (
    ("Everything in place, thank you.", "一切到位，谢谢。"),
    ("The driver waited until we had counted. Good.", "司机一直等到我们清点完毕，很好。"),
)
NEEDED = (
    ("Smaller lots with a week's lead time.", "希望提供小批量、一周交期的生产。"),
    ("Help with the certificates for the new market.", "协助办理新市场所需的认证。"),
    ("Prototypes within five days.", "五天内完成打样。"),
    ("A stock at our site that you keep filled.", "在我方现场设立由贵方补货的库存。"),
    ("Engineers who join our design reviews.", "工程师参加我们的设计评审。"),
)
UNANSWERED_FOR = 6 * DAY
TOLD = (
    "We have changed it with our carrier; the next deliveries go out as you asked.",
    "我们已与承运商作出调整，今后将按贵方要求交货。",
)


@transaction.atomic
def tell_surveys(now: dt.datetime) -> int:
    """All of it, once: how many answers; 0 when it was told before."""
    if SurveyProgramme.objects.filter(is_weekly=False).exists():
        return 0
    random = np.random.default_rng(SEED)
    admin = User.objects.get(email=email("admin"))
    by_hand = replace(DELIVERY, rules=replace(DELIVERY.rules, asks_deliveries=False))
    deliveries = _publish("After a delivery", ProgrammeKind.EVENT, by_hand, admin, now - PUBLISHED)
    day = company_day(now - YEARLY_AGO)
    rules = replace(
        NEEDS.rules,
        asked_levels=(Level.EXECUTIVE.value,),
        yearly_month=day.month,
        yearly_day=min(day.day, 28),
    )
    yearly = replace(NEEDS, rules=rules)
    _publish("Needs and preferences", ProgrammeKind.YEARLY, yearly, admin, now - PUBLISHED)
    _ask_after_deliveries(deliveries, now)
    make_due_occasions(now=now - YEARLY_AGO + DAY)
    OccasionInvitation.objects.filter(due_at__lte=now).update(sent_at=F("due_at"))
    told = _answer(deliveries.kind, DELIVERIES * 2, OF_DELIVERIES, random, now)
    told += _answer(ProgrammeKind.YEARLY, YEARLY_ANSWERS, OF_THE_YEAR, random, now)
    silent = OccasionInvitation.objects.filter(answered_at=None, reminder_at__lte=now)
    silent.update(reminded_at=F("reminder_at"))
    _answer_complaints(now)
    _ask_by_itself(deliveries, admin, now)
    # What happened before the first start is no news at it.
    Notice.objects.filter(kind=OWNED_NOTICE).delete()
    return told


def _publish(
    name: str, kind: ProgrammeKind, facts: SurveyFacts, author: User, at: dt.datetime
) -> SurveyProgramme:
    programme = create_programme(name=name, kind=kind, facts=facts, author=author, now=at)
    draft = draft_survey(programme, author=author, now=at)
    publish_survey(draft, expected_digest=survey_facts_of(draft).digest, now=at)
    return programme


def _ask_after_deliveries(programme: SurveyProgramme, now: dt.datetime) -> None:
    """About the latest delivery of each of some customers, by whoever keeps him, two days after it."""
    since = company_day(now - PUBLISHED + 5 * DAY)
    delivered = Order.objects.filter(
        CURRENT,
        kind=OrderKind.ORDER,
        delivered_on__gte=since,
        delivered_on__lte=company_day(now) - 5 * DAY,
        customer__owner__isnull=False,
        customer__merged_into=None,
    )
    latest = delivered.order_by("customer", "-delivered_on", "pk").distinct("customer")
    version = active_version(programme)
    assert version is not None
    for order in list(latest.select_related("customer__owner", "project")[:DELIVERIES]):
        assert order.delivered_on is not None
        at = now - (company_day(now) - order.delivered_on - 2 * DAY)
        possible = candidates(version, order.customer, now=at)
        asked = [each.contact for each in possible if each.is_usual and not each.obstacle][:2]
        if asked:
            _ask(programme, order, asked, at)


def _ask(programme: SurveyProgramme, order: Order, asked: Sequence[Contact], at: dt.datetime) -> None:
    keeper = order.customer.owner
    assert keeper is not None
    assert order.delivered_on is not None
    ask_about(
        programme=programme,
        customer=order.customer,
        contacts=asked,
        event=EventKind.DELIVERY,
        happened_on=order.delivered_on,
        about=order.number,
        project=order.project,
        order_identity=order.identity,
        author=keeper,
        now=at,
    )


def _answer(
    kind: str, most: int, weights: Sequence[float], random: np.random.Generator, now: dt.datetime
) -> int:
    """What was said within a day or two of the letter, by most of those who were asked."""
    asked = OccasionInvitation.objects.filter(
        occasion__programme__kind=kind, sent_at__lt=now - 3 * HOUR, answered_at=None
    )
    told = 0
    for each in asked.select_related("occasion__project", "customer__owner", "contact").order_by("pk")[:most]:
        draws = random.random(16)
        at = min(each.due_at + float(draws[0]) * 2 * DAY, now - HOUR)
        if draws[1] > SHARE_ANSWERED or at >= each.closes_at:
            continue
        facts = (
            _of_delivery(each, draws, weights)
            if kind == ProgrammeKind.EVENT
            else _of_year(each, draws, weights)
        )
        answer_survey(each, facts=facts, idempotency_key=f"demo-{each.pk}", now=at)
        told += 1
    return told


def _of_delivery(asked: OccasionInvitation, draws: np.ndarray, weights: Sequence[float]) -> OccasionFacts:
    codes = [each.code for each in DELIVERY.version.dimensions]
    grades = {code: _drawn(GRADES, weights, draws[2 + at]) for at, code in enumerate(codes)}
    absent = frozenset({"documents"}) if draws[8] < 0.1 else frozenset()
    grades = {code: letter for code, letter in grades.items() if code not in absent}
    low = [code for code, letter in grades.items() if letter in {"B-", "C", "D"}]
    words = {low[0]: _words(BAD, asked, draws[9])} if low else {}
    comment = _words(GOOD, asked, draws[9]) if not low and draws[10] < 0.3 else ""
    said = AnswerFacts(grades=grades, not_applicable=absent, comment=comment, dimension_comments=words)
    return OccasionFacts(answer=said)


def _of_year(asked: OccasionInvitation, draws: np.ndarray, weights: Sequence[float]) -> OccasionFacts:
    (dimension,) = (each.code for each in NEEDS.version.dimensions)
    texts: dict[str, str] = {}
    choices: dict[str, list[str]] = {}
    for at, question in enumerate(NEEDS.questions):
        draw = float(draws[3 + at])
        codes = [each.code for each in question.options]
        if question.kind == QuestionKind.TEXT:
            texts |= {question.code: _words(NEEDED, asked, draw)} if draw < 0.6 else {}
        elif question.kind == QuestionKind.ONE:
            choices[question.code] = [codes[int(draw * len(codes))]]
        else:
            taken = [code for step, code in enumerate(codes) if (draw * 7.3 * (step + 1)) % 1 < LIKED]
            choices[question.code] = taken
    grade = _drawn(GRADES, weights, draws[2])
    return OccasionFacts(answer=AnswerFacts(grades={dimension: grade}), texts=texts, choices=choices)


def _answer_complaints(now: dt.datetime) -> None:
    """Those of the last days still wait."""
    complaints = Voice.objects.filter(
        pk__in=OccasionInvitation.objects.exclude(voice=None).values("voice"),
        heard_on__lt=company_day(now - UNANSWERED_FOR),
    )
    for voice in complaints.select_related("owner", "customer", "contact").order_by("pk"):
        said = TOLD[int(voice.contact is not None and voice.contact.language != "en")]
        answer_voice(voice, answer=said, by=voice.owner, now=voice.known_at + DAY)


def _ask_by_itself(programme: SurveyProgramme, admin: User, now: dt.datetime) -> None:
    """From today on each delivery is asked about, and one thing more."""
    draft = draft_survey(programme, author=admin, now=now)
    before = survey_facts_of(draft)
    question = QuestionFacts(
        code="minutes",
        kind=QuestionKind.NUMBER,
        words=Words(
            name="How long did unloading take?",
            name_zh_hans="卸货用了多长时间？",
            name_zh_hant="卸貨用了多長時間？",
        ),
        unit="min",
    )
    facts = replace(
        before,
        version=replace(before.version, note="Each delivery is asked about, not only some."),
        rules=replace(before.rules, asks_deliveries=True),
        questions=(*before.questions, question),
    )
    saved = save_draft(draft, facts=facts, expected_digest=before.digest)
    publish_survey(saved, expected_digest=survey_facts_of(saved).digest, now=now)


def _drawn(values: Sequence[str], weights: Sequence[float], draw: float) -> str:
    return values[min(int(np.searchsorted(np.cumsum(weights), draw)), len(values) - 1)]


def _words(words: Sequence[tuple[str, str]], asked: OccasionInvitation, draw: float) -> str:
    pair = words[int(draw * 1_000) % len(words)]
    return pair[int(asked.contact.language != "en")]
