"""The policy in force: versions in the database, `scoring.core.policy.Policy` in the code."""

from __future__ import annotations

import json
from functools import lru_cache

from django.db import connection

from scoring.core.policy import Policy, default_policy
from scoring.core.results import Cuts
from scoring.models import PolicyState, PolicyVersion, ScoringRun


def active_policy() -> PolicyVersion:
    """The active version; a new installation gets the product's default as version 1."""
    active = PolicyVersion.objects.filter(state=PolicyState.ACTIVE).first()
    if active is not None:
        return active
    with connection.cursor() as cursor:
        # Two workers may both find none: the constraints let one of them in.
        cursor.execute(
            """
            insert into scoring_policyversion (number, state, values, note, activated_at)
            select 1, 'active', %s, '', statement_timestamp()
            where not exists (select from scoring_policyversion)
            on conflict do nothing
            """,
            [json.dumps(default_policy().to_plain())],
        )
    return PolicyVersion.objects.get(state=PolicyState.ACTIVE)


def policy_of(version: PolicyVersion) -> Policy:
    """The values of a version. Raises ValueError when they are not a policy."""
    return _policy(json.dumps(version.values))


@lru_cache(maxsize=8)
def _policy(values: str) -> Policy:
    """By its text: checking every field takes 2 ms, and a draft may change under the same id."""
    return Policy.from_plain(json.loads(values))


@lru_cache(maxsize=4)
def cuts_of(run_id: int) -> Cuts:
    """What was fitted on a run that is done; kept by the process, because it never changes again."""
    return Cuts.from_plain(ScoringRun.objects.values_list("cuts", flat=True).get(pk=run_id))
