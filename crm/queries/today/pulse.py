"""Whether the list may have changed, asked every few seconds by every open page: so it must cost nothing.

1. ``pulse_of`` reads the ends of the tables that an item comes from, whoever they concern: a fraction of a
   millisecond. Equal pulse, equal list.
2. Only when something was written, and once a minute for what is changed in place and for clocks that run
   out, the list is made anew; ``digest_of`` says whether it differs from the one he sees.
"""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import connection

from accounts.users.models import User
from crm.queries.today.page import Today

LOOKS_ANEW_AFTER = dt.timedelta(minutes=1)

_ENDS = """
select md5(concat_ws(' ',
  (select run_id from scoring_currentrun),
  (select max(id) from scoring_scorechange),
  (select max(id) from surveys_caseevent),
  (select max(id) from surveys_answer),
  (select max(id) from interactions_interaction),
  (select max(id) from imports_import),
  (select string_agg(concat_ws(' ', kind, key, until), ',' order by id)
   from snoozes_snooze where user_id = %(user)s)
))
"""


def pulse_of(user: User, *, now: dt.datetime) -> str:
    """Changes whenever something was written that may concern anybody's list, and once a minute."""
    with connection.cursor() as cursor:
        cursor.execute(_ENDS, {"user": user.pk})
        ends = cursor.fetchone()[0]
    return f"{int(now.timestamp() // LOOKS_ANEW_AFTER.total_seconds()):x}-{ends[:16]}"


def digest_of(today: Today) -> str:
    """Equal for equal lists."""
    return hashlib.sha256(repr(today).encode()).hexdigest()[:16]
