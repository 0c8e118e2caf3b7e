"""Weeks of surveys made by set-wise SQL for a book of customers: a million grades in some ten seconds.

Who answers what follows from row numbers by integer arithmetic: no random source, same book. Foreign keys are
not checked while it is written.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection

from accounts.surveys.packing import packing
from accounts.surveys.services import ensure_programme
from accounts.users.models import User

PROJECTS = """
insert into projects_project (known_at, name, started_on, version, customer_id, manager_id)
select %(first)s, 'Project ' || n, %(first)s, 1, c.id, %(author)s
from unnest(%(ids)s::bigint[]) as c (id) cross join generate_series(1, %(projects)s) n
"""
CONTACTS = """
insert into contacts_contact (known_at, customer_id, name, title, department, level, decision_role, attitude,
  email, phone, language, time_zone, opted_out, version, sort_key, search_text, search_tokens)
select %(first)s, c.id, 'Respondent ' || n, '', '', 'specialist', 'user', 'neutral', '', '', 'en', 'UTC',
  false, 1, '', '', '{}'
from unnest(%(ids)s::bigint[]) as c (id) cross join generate_series(1, %(respondents)s) n
"""
RESPONDENTS = """
insert into surveys_respondent (known_at, state, contact_id, customer_id, project_id)
select %(first)s, 'active', k.id, k.customer_id, p.id
from (
  select id, customer_id, row_number() over (partition by customer_id order by id) as n
  from contacts_contact where customer_id = any(%(ids)s::bigint[]) and name like 'Respondent %%'
) k
join (
  select id, customer_id, row_number() over (partition by customer_id order by id) as n
  from projects_project where customer_id = any(%(ids)s::bigint[])
) p on p.customer_id = k.customer_id and p.n = 1 + k.n %% %(projects)s
"""
WEEKS = """
insert into surveys_week (monday)
select %(last)s::date - 7 * n from generate_series(0, %(weeks)s - 1) n on conflict do nothing
"""
INVITATIONS = """
insert into surveys_invitation (known_at, level, due_at, reminder_at, closes_at, expires_at, sent_at, failure,
  answered_at, contact_id, customer_id, project_id, programme_version_id, respondent_id, week_id)
select d.at, 'specialist', d.at, d.at + interval '4 days', d.at + interval '6 days',
  d.at + interval '20 days', d.at, '',
  case when (r.id * 31 + w.n * 17) %% 5 < 4 then d.at + make_interval(hours => (r.id %% 100)::int) end,
  r.contact_id, r.customer_id, r.project_id, %(version)s, r.id, w.monday
from generate_series(0, %(weeks)s - 1) as x (n)
cross join lateral (select x.n, %(last)s::date - 7 * (%(weeks)s - 1 - x.n) as monday) w
cross join lateral (select (w.monday + 4 + time '14:00') at time zone 'UTC' as at) d
join surveys_respondent r on r.customer_id = any(%(ids)s::bigint[])
order by w.monday, r.project_id, r.contact_id
"""
ANSWERS = """
insert into surveys_answer (known_at, comment, is_late, idempotency_key, digest, fingerprint, customer_id,
  project_id, invitation_id, programme_version_id, week_id)
select answered_at, '', false, 'form', '', '', customer_id, project_id, id, programme_version_id, week_id
from surveys_invitation i
where i.customer_id = any(%(ids)s::bigint[]) and answered_at is not null order by answered_at, id
"""
GIVEN = """
create temporary table given on commit drop as
select a.id as answer_id, a.known_at, a.customer_id, a.project_id, a.week_id, a.programme_version_id,
  d.dimension_id, g.id as grade_id, g.opens_case
from surveys_answer a
join surveys_programmedimension d on d.version_id = a.programme_version_id
cross join lateral (select (a.id * 7919 + d.position * 104729 + a.id %% 97) %% 200 as n) r
join surveys_programmegrade g on g.version_id = a.programme_version_id and g.position = case
  when r.n < 80 then 0 when r.n < 130 then 1 when r.n < 160 then 2 when r.n < 180 then 3 when r.n < 196 then 4
  when r.n < 199 then 5 else 6 end
where a.customer_id = any(%(ids)s::bigint[])
"""
CASES = """
insert into surveys_correctiveaction (known_at, state, opened_at, acknowledge_by, plan_by, closed_at,
  times_reopened, customer_id, opened_by_id, owner_id, project_id, programme_version_id, dimension_id)
select min(known_at), case when project_id %% 2 = 0 then 'confirmed' else 'open' end, min(known_at),
  min(known_at), min(known_at), case when project_id %% 2 = 0 then max(known_at) + interval '1 day' end, 0,
  customer_id, min(answer_id), %(author)s, project_id, %(version)s, dimension_id
from given where opens_case group by customer_id, project_id, dimension_id
"""
EVENTS = """
insert into surveys_caseevent (known_at, kind, comment, customer_id, case_id)
select e.at, e.kind, '', c.customer_id, c.id from surveys_correctiveaction c
cross join lateral (values (opened_at, 'opened'), (closed_at, 'closed')) e (at, kind)
where e.at is not null and c.customer_id = any(%(ids)s::bigint[]) order by c.id, e.at
"""
GRADES = """
insert into surveys_answergrade (known_at, opens_case, comment, answer_id, customer_id, project_id, case_id,
  grade_id, programme_version_id, dimension_id, week_id)
select g.known_at, g.opens_case, '', g.answer_id, g.customer_id, g.project_id, c.id, g.grade_id,
  g.programme_version_id, g.dimension_id, g.week_id
from given g left join surveys_correctiveaction c
  on g.opens_case and c.project_id = g.project_id and c.dimension_id = g.dimension_id
order by g.answer_id, g.dimension_id
"""
PACKED = packing("(select * from surveys_answergrade where customer_id = any(%(ids)s::bigint[]))")
STEPS = (PROJECTS, CONTACTS, RESPONDENTS, WEEKS, INVITATIONS, ANSWERS, GIVEN, CASES, EVENTS, GRADES, PACKED)


def make_surveys(
    ids: list[int], *, last: dt.date, weeks: int = 13, respondents: int = 2, projects: int = 2
) -> None:
    """Each respondent of each customer is asked every week up to the Monday ``last``; four in five answer.

    Needs a transaction. One grade in fifty is low; the cases of every other project are closed in the end.
    """
    first = dt.datetime.combine(last - dt.timedelta(weeks=weeks), dt.time(), dt.UTC)
    author = User.objects.order_by("pk").values_list("pk", flat=True).first()
    values = {
        "ids": ids,
        "first": first,
        "last": last,
        "weeks": weeks,
        "respondents": respondents,
        "projects": projects,
        "author": author,
        "version": ensure_programme(now=first).pk,
    }
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        for step in STEPS:
            cursor.execute(step, values)
        cursor.execute("set local session_replication_role = origin")
