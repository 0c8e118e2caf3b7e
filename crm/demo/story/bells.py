"""Notices stand in the order in which they were written; the story writes them in another."""

from django.db import connection

REWRITE = """
with every as (
    delete from notices_notice returning user_id, kind, customer_id, facts, created_at, read_at
)
insert into notices_notice (user_id, kind, customer_id, facts, created_at, read_at)
select user_id, kind, customer_id, facts, created_at, read_at from every order by created_at
"""


def put_notices_in_order() -> None:
    """Write all notices anew, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(REWRITE)
