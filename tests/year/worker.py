"""A worker of the simulated year: does what a line of its input says, at the instant that the line names.

``beat`` and ``alarms`` run in a process of their own, forked for it, so that ``kill -9`` can take it at any
moment; its process id is the first line of the answer. ``answers`` are taken in this one.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402 -- after the settings

from accounts.surveys.models import Invitation  # noqa: E402
from accounts.surveys.services import AnswerFacts, issue_token, make_due_invitations, record_answer  # noqa: E402
from accounts.surveys.services.alarms import raise_alarms  # noqa: E402


def main() -> None:
    for line in sys.stdin:
        job = json.loads(line)
        if job["do"] == "answers":
            tell([answer(each) for each in job["answers"]])
        else:
            apart(job)


def apart(job: dict[str, Any]) -> None:
    now = dt.datetime.fromisoformat(job["now"])
    pid = os.fork()
    if pid == 0:
        if job["do"] == "beat":
            make_due_invitations(now=now)
        raise_alarms(now=now)
        connection.close()
        os._exit(0)
    tell(pid)
    _pid, status = os.waitpid(pid, 0)
    tell(os.waitstatus_to_exitcode(status))


def answer(each: dict[str, Any]) -> bool:
    """Whether it was new. As a POST of his form: with a link of his own."""
    now = dt.datetime.fromisoformat(each["at"])
    invitation = Invitation.objects.get(pk=each["invitation"])
    token = issue_token(invitation, now=now)
    facts = AnswerFacts(grades=each["letters"], comment=each["comment"])
    return record_answer(token=token, facts=facts, idempotency_key=each["key"], now=now).is_new


def tell(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
