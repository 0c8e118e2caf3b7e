"""What else the demo's company has done with what it hears: who heads which function, whose days off stop a
clock, what customers said outside the survey, and the minutes of last week's meetings with their actions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q

from accounts.actions.services import ASSIGNED_NOTICE, add_action, finish_action
from accounts.contacts.models import Contact, Level
from accounts.customers.models import Customer
from accounts.customers.services import company_day
from accounts.interactions.models import InteractionKind
from accounts.notices.models import Notice
from accounts.projects.models import FunctionalManager, FunctionalRole, Project
from accounts.projects.services import set_functional_managers
from accounts.surveys.models import OPEN, CorrectiveAction, HolidayCalendar, ReviewMeeting
from accounts.surveys.services.calendars import create_calendar, fill_calendar
from accounts.surveys.services.meetings import add_decision, close_meeting, save_minutes, start_meeting
from accounts.surveys.services.reviews import add_note, mark_reviewed
from accounts.surveys.weeks import monday_of
from accounts.users.models import User
from accounts.voice.models import Voice, VoiceKind, VoiceTheme
from accounts.voice.services import OWNED_NOTICE, VoiceFacts, add_voice, answer_voice
from crm.demo.story.cast import email

DAY = dt.timedelta(days=1)
WEEK = 7 * DAY
HEADS = {
    FunctionalRole.PRODUCTION: "member",
    FunctionalRole.ENGINEERING: "member3",
    FunctionalRole.QUALITY: "pm2",
    FunctionalRole.TEST: "member4",
    FunctionalRole.PLANNING: "member2",
    FunctionalRole.SALES: "lead",
    FunctionalRole.PROJECT_MANAGEMENT: "pm",
}
"""Nobody heads materials: the page shows the gap, and such clocks go to the lead alone."""


@dataclass(frozen=True)
class Saying:
    """``heard``: days ago; ``answered``: days after it, None: nobody has yet. Words: English, Chinese."""

    customer: int
    kind: VoiceKind
    theme: VoiceTheme
    channel: InteractionKind
    heard: int
    words: tuple[str, str]
    answered: int | None = None
    answer: tuple[str, str] = ("", "")


C, S, P = VoiceKind.COMPLAINT, VoiceKind.SUGGESTION, VoiceKind.PRAISE
SAYINGS = (
    Saying(
        0,
        C,
        VoiceTheme.DELIVERY,
        InteractionKind.CALL,
        6,
        ("The lorry came at night, nobody was there to unload.", "货车半夜才到，没有人卸货。"),
    ),
    Saying(
        1,
        S,
        VoiceTheme.SERVICE,
        InteractionKind.MEETING,
        9,
        ("Send the packing list before the goods.", "请在发货前先把装箱单发给我们。"),
    ),
    Saying(
        2,
        P,
        VoiceTheme.SUPPORT,
        InteractionKind.EMAIL,
        4,
        ("Your engineer found the fault within an hour.", "你们的工程师一小时内就找到了问题。"),
    ),
    Saying(
        3,
        C,
        VoiceTheme.PRICE,
        InteractionKind.VISIT,
        12,
        ("The surcharge for small lots was news to us.", "小批量附加费我们事先并不知道。"),
        1,
        (
            "The rule is in the offer of March; from now on the order confirmation repeats it.",
            "三月的报价中已有说明；今后订单确认书会再次注明。",
        ),
    ),
    Saying(
        5,
        C,
        VoiceTheme.QUALITY,
        InteractionKind.MESSAGE,
        1,
        ("Two housings are scratched, photos follow.", "两个外壳有划痕，稍后发照片。"),
    ),
    Saying(
        6,
        S,
        VoiceTheme.QUALITY,
        InteractionKind.CALL,
        20,
        ("Mark the lot number on the inner box as well.", "内箱上也请标注批号。"),
        6,
        ("Done for all lots from this week on.", "本周起的所有批次均已标注。"),
    ),
    Saying(
        8,
        P,
        VoiceTheme.COMMUNICATION,
        InteractionKind.CALL,
        3,
        ("The Monday mail with the open points helps us.", "每周一的未决事项邮件很有帮助。"),
    ),
    Saying(
        9,
        S,
        VoiceTheme.OTHER,
        InteractionKind.TRAINING,
        30,
        ("A training for our new buyers would help.", "希望为我们的新采购员做一次培训。"),
        10,
        ("Two mornings in the first week of the month.", "安排在下月第一周的两个上午。"),
    ),
)

NOTE = ("Call purchasing on Wednesday about the new delivery window.", "周三致电采购部门，确认新的交货窗口。")
# What the meeting decides about a low grade, and what is to be done of it, by its dimension.
DECIDED = {
    "note": ("Purchasing is asked what the new window means.", "向采购部门了解新窗口的影响。"),
    "quality": ("Every lot is inspected until the cause is found.", "在查明原因之前，每批产品均须检验。"),
    "delivery": ("The customer gets a written delivery plan by Friday.", "本周五前向客户提供书面交货计划。"),
    "communication": ("He hears from us every Wednesday, news or not.", "无论有无进展，每周三都与客户联系。"),
    "service": ("Changes of an order are answered within a day.", "订单变更在一天内答复。"),
    "support": ("One engineer answers for him until it runs.", "在设备正常运行之前，由一名工程师专门负责。"),
}
TITLE = {
    "note": ("Call purchasing about the delivery window", "致电采购部门，确认交货窗口"),
    "quality": ("Write the inspection plan for the next lots", "编写后续批次的检验计划"),
    "delivery": ("Go through the schedule with production", "与生产部门核对排程"),
    "communication": ("Call him on Wednesday with the open points", "周三致电客户，逐项沟通未决事项"),
    "service": ("Agree with planning who answers changes", "与计划部门确定由谁答复变更"),
    "support": ("Name the engineer, and send him to the line", "指定工程师，并安排到现场"),
}
STILL_OPEN_FIRST = (F("closed_at").desc(nulls_first=True), "pk")
MINUTES = (
    "Response is good; delivery needs watching in two projects.",
    "响应率良好；两个项目的交货评分需要跟进。",
)


@transaction.atomic
def tell_house(now: dt.datetime) -> int:
    """All of it, once: how many things customers said; 0 when it was told before."""
    if FunctionalManager.objects.exists():
        return 0
    people = {user.email: user for user in User.objects.all()}
    set_functional_managers({role: people[email(who)] for role, who in HEADS.items()})
    if not HolidayCalendar.objects.exists():
        china = create_calendar(name="China", country="CN")
        fill_calendar(china, years=range(now.year - 1, now.year + 2), language="zh-hans")
    customers = list(Customer.objects.select_related("owner").order_by("number")[:12])
    for saying in SAYINGS:
        _say(saying, customers[saying.customer], now)
    for manager in (people[email("pm")], people[email("pm2")]):
        _meet(manager, now)
    # What happened before the first start is no news at it.
    Notice.objects.filter(kind__in=[OWNED_NOTICE, ASSIGNED_NOTICE]).delete()
    return len(SAYINGS)


def _say(saying: Saying, customer: Customer, now: dt.datetime) -> Voice:
    level = Level.MANAGEMENT if saying.kind == S else Level.OPERATIONAL
    contact = Contact.objects.filter(customer=customer, level=level, left_on=None).order_by("pk").first()
    assert contact is not None
    assert customer.owner is not None
    place = int(contact.language == "zh-hans")
    at = now - saying.heard * DAY
    facts = VoiceFacts(
        kind=saying.kind,
        theme=saying.theme,
        text=saying.words[place],
        heard_on=company_day(at),
        channel=saying.channel,
        owner_id=customer.owner.pk,
        contact_id=contact.pk,
    )
    voice = add_voice(customer=customer, facts=facts, author=customer.owner, now=at)
    if saying.answered is not None:
        answered = at + saying.answered * DAY
        answer_voice(voice, answer=saying.answer[place], by=customer.owner, now=answered)
    return voice


def _meet(chair: User, now: dt.datetime) -> None:
    """Last Monday's meeting about the week before, with what is still to be done of it."""
    monday = monday_of(company_day(now))
    week, held = monday - 2 * WEEK, now - (company_day(now) - (monday - WEEK)).days * DAY
    projects = list(Project.objects.filter(manager=chair).select_related("customer").order_by("pk")[:6])
    there = list(User.objects.filter(project_memberships__project__in=projects).distinct())
    meeting = start_meeting(week=week, chair=chair, held_on=company_day(held), now=held, attendees=there)
    for project in projects:
        mark_reviewed(project, week, by=chair, now=held)
    for project in projects[:1]:
        add_note(project, week, text=_said(NOTE, chair), by=chair, now=held)
        _decide(meeting, project, "note", chair, now - 2 * DAY)
    # What was opened since was no subject then.
    then_open = OPEN | Q(closed_at__gt=held)
    cases = CorrectiveAction.objects.filter(then_open, project__manager=chair, known_at__lte=held)
    related = ("project__customer", "owner", "dimension")
    for number, case in enumerate(cases.select_related(*related).order_by(*STILL_OPEN_FIRST)[:3]):
        _decide(meeting, case.project, case.dimension.code, case.owner, now + number * 2 * DAY, case)
    notes = _said(MINUTES, chair)
    meeting = save_minutes(
        meeting, version=meeting.version, notes=notes, held_on=meeting.held_on, attendees=there
    )
    close_meeting(meeting, now=held)


def _decide(
    meeting: ReviewMeeting,
    project: Project,
    about: str,
    owner: User,
    due: dt.datetime,
    case: CorrectiveAction | None = None,
) -> None:
    """A decision, and what is to be done of it; it is done where the customer was content since."""
    chair, held = meeting.chair, meeting.known_at
    add_decision(meeting, text=_said(DECIDED[about], chair), decided_by=chair, now=held, project=project)
    action = add_action(
        title=_said(TITLE[about], chair),
        owner=owner,
        author=chair,
        now=held,
        due_on=company_day(due),
        project=project,
        case=case,
        meeting=meeting,
    )
    if case is not None and case.closed_at is not None:
        finish_action(action, by=owner, now=case.closed_at)


def _said(words: tuple[str, str], by: User) -> str:
    return words[int(by.language == "zh-hans")]
