"""A corrective action from the first low grade to the customer's word, and what the database refuses."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.notices.models import Notice
from accounts.surveys.models import AnswerGrade, CaseState, CorrectiveAction, ProgrammeGrade
from accounts.surveys.services import (
    acknowledge_case,
    advance_case,
    assign_case,
    comment_case,
    confirm_case,
    plan_case,
    publish_version,
    reject_case,
)
from accounts.surveys.standard import STANDARD
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, Office, execute, project_of

NEXT = WEEK + 7 * DAY
THIRD = WEEK + 14 * DAY


def events(case: CorrectiveAction) -> list[str]:
    return list(case.log.order_by("pk").values_list("kind", flat=True))


def state(office: Office) -> str:
    return office.case().state


def at(week: dt.date) -> dt.datetime:
    return DUE + (week - WEEK) + HOUR


def say(office: Office, contact: object, week: dt.date, letter: str) -> None:
    office.say(contact, at=at(week), week=week, delivery=letter)  # type: ignore[arg-type]


def code(error: pytest.ExceptionInfo[ValidationError]) -> str:
    ((field, (problem,)),) = error.value.error_dict.items()
    return f"{field}: {problem.code}"


def test_two_respondents_share_one_case_per_project_and_dimension(office: Office) -> None:
    office.say(office.chen, delivery="D", quality="C")
    office.say(office.li, delivery="C")
    assert CorrectiveAction.objects.count() == 2
    case = office.case()
    complainants = case.grades.order_by("pk").values_list("answer__invitation__contact__name", flat=True)
    assert list(complainants) == ["Chen", "Li"]
    assert events(case) == ["opened", "attached"]


def test_a_repeat_of_next_week_attaches_to_the_open_case(office: Office) -> None:
    office.say(office.chen, delivery="D")
    office.invite(NEXT)
    say(office, office.chen, NEXT, "D")
    assert CorrectiveAction.objects.count() == 1
    assert office.case().grades.count() == 2


@pytest.mark.parametrize(("letter", "expected"), [("B", "open"), ("B+", "confirmed"), ("A", "confirmed")])
def test_the_next_grade_at_b_plus_or_better_of_who_complained_closes_it(
    office: Office, letter: str, expected: str
) -> None:
    office.say(office.chen, delivery="D")
    office.invite(NEXT)
    say(office, office.chen, NEXT, letter)
    assert state(office) == expected
    assert office.case().is_open == (expected == "open")


def test_an_edit_to_b_plus_confirms_and_deletes_nothing(office: Office) -> None:
    office.say(office.chen, delivery="D")
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="B+")
    case = office.case()
    assert (case.state, case.closed_at, case.grades.count()) == ("confirmed", DUE + 2 * HOUR, 1)
    assert events(case) == ["opened", "confirmed", "closed"]
    closed = Notice.objects.filter(kind="survey_case_confirmed")
    assert {notice.user for notice in closed} == {office.world.manager, office.world.owner}


def test_the_praise_of_somebody_who_did_not_complain_closes_nothing(office: Office) -> None:
    office.say(office.chen, delivery="D")
    office.say(office.li, delivery="A")
    assert state(office) == "open"
    assert events(office.case()) == ["opened"]


def test_one_complainant_cannot_speak_for_another_of_the_same_week(office: Office) -> None:
    office.say(office.chen, delivery="D")
    office.say(office.li, delivery="D")
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="A")
    assert state(office) == "open"
    office.say(office.li, at=DUE + 3 * HOUR, delivery="A-")
    assert state(office) == "confirmed"
    assert events(office.case()) == ["opened", "attached", "confirmed", "confirmed", "closed"]


def test_a_complainant_who_fell_silent_does_not_keep_it_open_for_ever(office: Office) -> None:
    office.say(office.chen, delivery="D")
    office.say(office.li, delivery="D")
    office.invite(NEXT)
    say(office, office.chen, NEXT, "B+")
    assert state(office) == "confirmed"


def test_a_late_good_grade_of_the_week_before_the_complaint_says_nothing(office: Office) -> None:
    office.invite(NEXT)
    say(office, office.chen, NEXT, "D")
    office.say(office.chen, at=at(NEXT) + HOUR, week=WEEK, delivery="A")
    assert state(office) == "open"
    assert events(office.case()) == ["opened"]


def test_a_repeat_opens_the_closed_case_again_with_new_clocks(office: Office) -> None:
    office.say(office.chen, delivery="D")
    acknowledge_case(office.case(), by=office.world.manager, now=DUE + 2 * HOUR)
    office.say(office.chen, at=DUE + 3 * HOUR, delivery="A")
    office.invite(NEXT)
    say(office, office.li, NEXT, "C")
    case = office.case()
    assert (case.state, case.closed_at, case.acknowledged_at, case.times_reopened) == ("open", None, None, 1)
    assert case.acknowledge_by == at(NEXT) + dt.timedelta(hours=24)
    assert events(case)[-1] == "reopened"


def test_who_complained_in_an_earlier_round_does_not_speak_for_this_one(office: Office) -> None:
    office.say(office.chen, delivery="D")
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="A")
    office.invite(NEXT)
    say(office, office.li, NEXT, "D")
    office.invite(THIRD)
    say(office, office.chen, THIRD, "A")
    assert state(office) == "open"
    say(office, office.li, THIRD, "A")
    assert state(office) == "confirmed"


def test_after_the_repeat_days_a_low_grade_opens_a_new_case(office: Office) -> None:
    office.say(office.chen, delivery="D")
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="A")
    later = WEEK + 14 * 7 * DAY
    office.invite(later)
    say(office, office.chen, later, "D")
    cases = CorrectiveAction.objects.order_by("pk")
    assert [case.state for case in cases] == ["confirmed", "open"]
    say(office, office.chen, later, "A")
    assert [case.closed_at for case in cases.all()] == [DUE + 2 * HOUR, at(later)]


def test_a_case_outlives_a_change_of_the_programme(office: Office) -> None:
    office.say(office.chen, delivery="D")
    publish_version(
        office.version.programme,
        facts=replace(STANDARD, plan_hours=48),
        author=office.world.admin,
        now=DUE + 2 * HOUR,
    )
    office.invite(NEXT)
    say(office, office.chen, NEXT, "D")
    assert CorrectiveAction.objects.count() == 1
    assert office.case().grades.values("programme_version").distinct().count() == 2


def test_a_case_goes_forwards_step_by_step(office: Office) -> None:
    office.say(office.chen, delivery="D")
    manager = office.world.manager
    case = acknowledge_case(office.case(), by=manager, now=DUE + 2 * HOUR)
    assert (case.state, case.next_clock) == ("acknowledged", case.plan_by)
    solve_by = (DUE + 7 * DAY).date()
    case = plan_case(case, by=manager, plan="Second carrier", solve_by=solve_by, now=DUE + 3 * HOUR)
    assert (case.state, case.next_clock) == ("planned", solve_by)
    for step in (CaseState.CONTAINED, CaseState.CAUSE_FOUND, CaseState.CORRECTED):
        case = advance_case(case, to=step, by=manager, comment="Done", now=DUE + 4 * HOUR)
    assert case.next_clock is None
    assert CorrectiveAction.objects.get().corrected_at == DUE + 4 * HOUR
    assert events(case) == ["opened", "acknowledged", "planned", "contained", "cause_found", "corrected"]


def corrected(office: Office, now: dt.datetime) -> CorrectiveAction:
    manager = office.world.manager
    case = plan_case(office.case(), by=manager, plan="Carrier", solve_by=now.date() + DAY, now=now)
    return advance_case(case, to=CaseState.CORRECTED, by=manager, comment="Done", now=now)


def test_a_low_grade_after_the_correction_asks_for_another_plan(office: Office) -> None:
    office.say(office.chen, delivery="D")
    corrected(office, DUE + DAY)
    office.invite(NEXT)
    say(office, office.li, NEXT, "C")
    case = office.case()
    assert (case.state, case.corrected_at, case.solve_by) == ("acknowledged", None, None)
    assert case.plan_by == at(NEXT) + 72 * HOUR
    assert events(case)[-1] == "attached"


def test_a_late_low_grade_sends_a_corrected_case_back_to_work_whatever_week_it_rates(office: Office) -> None:
    """Who said D the moment after we said that it is corrected has answered whether it is."""
    office.say(office.chen, delivery="D")
    corrected(office, DUE + 5 * DAY)
    late = DUE + 6 * DAY - 15 * HOUR
    office.say(office.li, at=late, delivery="C")
    case = office.case()
    assert (case.state, case.corrected_at, case.next_clock) == ("acknowledged", None, late + 72 * HOUR)
    assert events(case)[-1] == "attached"
    assert not case.grades.filter(answer__invitation__week__gt=WEEK).exists()


def test_the_same_low_grade_sent_again_after_the_correction_says_nothing_new(office: Office) -> None:
    office.say(office.chen, delivery="D")
    corrected(office, DUE + 5 * DAY)
    office.say(office.chen, at=DUE + 6 * DAY - 15 * HOUR, delivery="D", quality="A")
    assert state(office) == "corrected"


def test_acknowledged_twice_is_acknowledged_once(office: Office) -> None:
    office.say(office.chen, delivery="D")
    for hour in (2, 3):
        acknowledge_case(office.case(), by=office.world.manager, now=DUE + hour * HOUR)
    assert office.case().acknowledged_at == DUE + 2 * HOUR
    assert events(office.case()) == ["opened", "acknowledged"]


def test_a_plan_acknowledges(office: Office) -> None:
    office.say(office.chen, delivery="D")
    plan_case(office.case(), by=office.world.manager, plan="Call", solve_by=NEXT, now=DUE + 2 * HOUR)
    assert office.case().acknowledged_at == DUE + 2 * HOUR


def test_wrong_steps_are_refused(office: Office) -> None:
    office.say(office.chen, delivery="D")
    case, manager = office.case(), office.world.manager
    with pytest.raises(ValidationError) as error:
        advance_case(case, to=CaseState.CONTAINED, by=manager, comment="x", now=DUE)
    assert code(error) == "state: state"
    acknowledge_case(case, by=manager, now=DUE)
    for step in (CaseState.OPEN, CaseState.CONFIRMED, CaseState.PLANNED):
        with pytest.raises(ValidationError) as error:
            advance_case(case, to=step, by=manager, comment="x", now=DUE)
        assert code(error) == "state: state"
    advance_case(case, to=CaseState.CORRECTED, by=manager, comment="x", now=DUE)
    with pytest.raises(ValidationError) as error:
        advance_case(case, to=CaseState.CONTAINED, by=manager, comment="x", now=DUE)
    assert code(error) == "state: state"
    with pytest.raises(ValidationError) as error:
        plan_case(case, by=manager, plan="x", solve_by=WEEK, now=DUE)
    assert code(error) == "solve_by: past"
    with pytest.raises(ValidationError) as error:
        plan_case(case, by=manager, plan="x", solve_by=DUE.date() + 366 * DAY, now=DUE)
    assert code(error) == "solve_by: too_far"
    for comment, expected in ((" ", "comment: blank"), ("x" * 4_001, "comment: too_long")):
        with pytest.raises(ValidationError) as error:
            comment_case(case, by=manager, comment=comment, now=DUE)
        assert code(error) == expected
    assert state(office) == "corrected"


def test_a_closed_case_takes_comments_only(office: Office) -> None:
    office.say(office.chen, delivery="D")
    office.say(office.chen, delivery="A")
    case, manager = office.case(), office.world.manager
    with pytest.raises(ValidationError) as error:
        acknowledge_case(case, by=manager, now=DUE)
    assert code(error) == "state: closed"
    comment_case(case, by=manager, comment="Thanked him", now=DUE + 3 * HOUR)
    assert events(case)[-1] == "commented"


def told_of_the_end(office: Office) -> str:
    return str(Notice.objects.filter(kind="survey_case_confirmed").latest("pk").facts["letter"])


def test_a_complaint_that_is_taken_back_is_no_word_of_our_work(office: Office) -> None:
    office.say(office.chen, delivery="D")
    acknowledge_case(office.case(), by=office.world.manager, now=DUE + 2 * HOUR)
    office.say(office.chen, delivery="B+", at=DUE + 3 * HOUR)
    assert state(office) == "confirmed"
    assert told_of_the_end(office) == "B+"


def test_a_grade_that_is_changed_after_a_step_of_ours_confirms_it(office: Office) -> None:
    office.say(office.chen, delivery="D")
    plan_case(office.case(), by=office.world.manager, plan="Call", solve_by=NEXT, now=DUE + 2 * HOUR)
    office.say(office.chen, delivery="B+", at=DUE + 3 * HOUR)
    assert state(office) == "confirmed"
    assert told_of_the_end(office) == ""


def test_a_good_grade_of_the_next_week_confirms_whatever_we_did(office: Office) -> None:
    office.say(office.chen, delivery="D")
    office.invite(NEXT)
    office.say(office.chen, delivery="A", week=NEXT, at=DUE + 7 * DAY)
    assert told_of_the_end(office) == ""


def test_by_word_only_a_complainant_of_the_present_round_is_heard(office: Office) -> None:
    office.say(office.chen, delivery="D")
    office.say(office.chen, delivery="A", at=DUE + 2 * HOUR)
    office.say(office.li, delivery="D", at=DUE + 3 * HOUR)
    assert office.case().times_reopened == 1
    for word in (confirm_case, reject_case):
        with pytest.raises(ValidationError) as error:
            word(office.case(), invitation=office.invitation(office.chen), now=DUE + 4 * HOUR, comment="")
        assert code(error) == "respondent: not_a_complainant"


def test_the_new_owner_is_told_unless_he_took_it_himself(office: Office) -> None:
    office.say(office.chen, delivery="D")
    manager, mate = office.world.manager, office.world.mate
    assert assign_case(office.case(), owner=mate, by=manager, now=DUE).owner == mate
    assign_case(office.case(), owner=mate, by=manager, now=DUE)
    assign_case(office.case(), owner=manager, by=manager, now=DUE)
    assert [each.user for each in Notice.objects.filter(kind="survey_case_assigned")] == [mate]
    assert events(office.case()) == ["opened", "assigned", "assigned"]


def test_the_owner_of_a_case_hears_of_another_low_grade_of_its_change_and_of_the_end(office: Office) -> None:
    office.say(office.chen, delivery="C")
    member = office.world.member
    assign_case(office.case(), owner=member, by=office.world.manager, now=DUE + 2 * HOUR)
    office.say(office.li, at=DUE + 3 * HOUR, delivery="D")
    office.say(office.li, at=DUE + 4 * HOUR, delivery="A")
    office.say(office.chen, at=DUE + 5 * HOUR, delivery="A")
    kinds = Notice.objects.filter(user=member).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == [
        "survey_case_assigned",
        "survey_grades_low",
        "survey_grades_eased",
        "survey_case_confirmed",
    ]


def test_who_complained_confirms_or_rejects_by_his_word(office: Office) -> None:
    office.say(office.chen, delivery="D")
    mine, foreign = office.invitation(office.chen), office.invitation(office.li)
    plan_case(office.case(), by=office.world.manager, plan="Call", solve_by=NEXT, now=DUE + 2 * HOUR)
    rejected = reject_case(office.case(), invitation=mine, comment="Still late", now=DUE + 3 * HOUR)
    assert (rejected.state, rejected.plan_by) == ("acknowledged", DUE + 75 * HOUR)
    for verb in (confirm_case, reject_case):
        with pytest.raises(ValidationError) as error:
            verb(office.case(), invitation=foreign, comment="", now=DUE)
        assert code(error) == "respondent: not_a_complainant"
    confirm_case(office.case(), invitation=mine, comment="Fine now", now=DUE + 4 * HOUR)
    assert state(office) == "confirmed"
    reopened = reject_case(office.case(), invitation=mine, comment="Not at all", now=DUE + 5 * HOUR)
    assert (reopened.state, reopened.times_reopened) == ("open", 1)
    assert events(reopened)[1:] == ["planned", "rejected", "confirmed", "closed", "rejected"]
    assert Notice.objects.filter(kind="survey_case_rejected", user=office.world.manager).count() == 2


def test_whoever_opened_it_again_by_his_word_closes_it_by_his_grade(office: Office) -> None:
    office.say(office.chen, delivery="D")
    corrected(office, DUE + 2 * HOUR)
    invitation = office.invitation(office.chen)
    confirm_case(office.case(), invitation=invitation, now=DUE + 3 * HOUR)
    reject_case(office.case(), invitation=invitation, comment="Again late", now=DUE + 4 * HOUR)
    assert state(office) == "open"
    office.invite(NEXT)
    say(office, office.chen, NEXT, "A")
    assert state(office) == "confirmed"


def test_by_word_both_complainants_of_a_week_are_heard(office: Office) -> None:
    office.say(office.chen, delivery="D")
    office.say(office.li, delivery="D")
    confirm_case(office.case(), invitation=office.invitation(office.chen), now=DUE + 2 * HOUR)
    assert state(office) == "open"
    confirm_case(office.case(), invitation=office.invitation(office.li), now=DUE + 3 * HOUR)
    assert state(office) == "confirmed"


def test_words_added_to_a_confirmed_low_grade_do_not_open_it_again(office: Office) -> None:
    office.say(office.chen, delivery="D")
    confirm_case(office.case(), invitation=office.invitation(office.chen), now=DUE + 2 * HOUR)
    office.say(office.chen, at=DUE + 3 * HOUR, delivery="D", comment="It is solved, thank you")
    assert state(office) == "confirmed"
    assert AnswerGrade.objects.get(superseded_at=None).case == office.case()


def d_of(office: Office) -> ProgrammeGrade:
    return office.version.grades.get(letter="D")


def insert_grade(office: Office, letter: str, *, opens_case: bool, case: int | None = None) -> None:
    answer = office.say(office.chen, quality="A").answer
    execute(
        "insert into surveys_answergrade (answer_id, customer_id, project_id, week_id, programme_version_id,"
        " dimension_id, grade_id, opens_case, case_id, comment, known_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, '', now())",
        answer.pk,
        answer.customer_id,
        answer.project_id,
        answer.week_id,
        answer.programme_version_id,
        office.dimension("delivery").pk,
        office.version.grades.get(letter=letter).pk,
        opens_case,
        case,
    )


def test_raw_sql_writes_a_good_grade(office: Office) -> None:
    insert_grade(office, "B", opens_case=False)
    assert AnswerGrade.objects.filter(dimension__code="delivery").count() == 1


@pytest.mark.parametrize("letter", ["C", "D"])
def test_raw_sql_cannot_write_a_low_grade_without_a_case(office: Office, letter: str) -> None:
    with pytest.raises(IntegrityError, match="low_grade_has_a_case"):
        insert_grade(office, letter, opens_case=True)


def test_raw_sql_cannot_lie_about_whether_a_grade_opens_a_case(office: Office) -> None:
    with pytest.raises(IntegrityError, match="answergrade_is_of_version_and_true"):
        insert_grade(office, "D", opens_case=False)


def test_raw_sql_cannot_borrow_the_case_of_another_dimension(office: Office) -> None:
    office.say(office.li, communication="D")
    with pytest.raises(IntegrityError, match="answergrade_case_of_dimension"):
        insert_grade(office, "D", opens_case=True, case=office.case("communication").pk)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("update surveys_answergrade set case_id = null", "low_grade_has_a_case"),
        ("update surveys_answergrade set opens_case = false, case_id = null", "is_of_version_and_true"),
        ("delete from surveys_correctiveaction", "foreign key|case"),
        ("delete from surveys_answergrade", "case_opened_by_a_grade"),
        ("update surveys_correctiveaction set closed_at = now()", "case_closed_when_confirmed"),
        ("update surveys_correctiveaction set state = 'planned'", "case_acknowledged_first"),
        (
            "insert into surveys_correctiveaction (customer_id, project_id, dimension_id,"
            " programme_version_id, opened_by_id, owner_id, state, opened_at, acknowledge_by, plan_by,"
            " times_reopened, known_at)"
            " select customer_id, project_id, dimension_id, programme_version_id, opened_by_id, owner_id,"
            " 'open', now(), now(), now(), 0, now() from surveys_correctiveaction",
            "case_one_open",
        ),
    ],
)
def test_raw_sql_cannot_take_a_case_from_a_low_grade(office: Office, statement: str, constraint: str) -> None:
    office.say(office.chen, delivery="D")
    execute("delete from surveys_caseevent")
    with pytest.raises(IntegrityError, match=constraint):
        execute(statement)
    assert AnswerGrade.objects.get().case == office.case()


def test_a_grade_cannot_move_to_another_project_week_or_version(office: Office) -> None:
    office.say(office.chen, quality="A")
    other = project_of(office.world, "Line 5")
    for change, value in (
        ("project_id", other.pk),
        ("week_id", NEXT),
        ("customer_id", office.world.foreign.pk),
    ):
        with pytest.raises(IntegrityError, match="answergrade_of_answer"):
            execute(f"update surveys_answergrade set {change} = %s", value)


def eased(office: Office) -> list[Notice]:
    return list(Notice.objects.filter(kind="survey_grades_eased").order_by("pk"))


@pytest.mark.parametrize(("letter", "after"), [("A", "A"), ("B-", "B-"), ("", "")])
def test_who_was_told_of_a_complaint_hears_that_it_was_taken_back(
    office: Office, letter: str, after: str
) -> None:
    """Li's complaint keeps the case open, so that no notice of its end says it."""
    office.say(office.li, delivery="D")
    office.say(office.chen, delivery="C", at=DUE + 2 * HOUR)
    given = {"delivery": letter} if letter else {"quality": "A"}
    office.say(office.chen, at=DUE + 3 * HOUR, **given)
    told = eased(office)
    assert {notice.user for notice in told} == {office.world.manager, office.world.owner}
    facts = told[0].facts
    assert (facts["before"], facts["grades"]) == ({"delivery": "C"}, {"delivery": after})
    assert facts["cases"] == {"delivery": office.case().pk}
    assert office.case().is_open
    lows = Notice.objects.filter(kind="survey_grades_low", user=office.world.manager).order_by("pk")
    assert [each.facts["grades"] for each in lows] == [{"delivery": "D"}, {"delivery": "C"}]


def test_nothing_is_told_twice_of_a_complaint_that_its_better_grade_closed(office: Office) -> None:
    office.say(office.chen, delivery="D", quality="C")
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="A", quality="D")
    assert eased(office) == []
    office.say(office.chen, at=DUE + 3 * HOUR, delivery="A")
    assert [notice.facts["before"] for notice in eased(office)] == [{"quality": "D"}, {"quality": "D"}]
