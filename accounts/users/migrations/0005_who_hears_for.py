"""Who hears of it when a day was missed that somebody answers for: once said, for every clock.

The person and the leads of the person's teams; where none of them is there any more, the admins.
"""

from django.db import migrations

WHO_HEARS_FOR = """
create function users_who_hear_for(owner bigint) returns setof bigint language sql stable rows 3 as $$
    with people as (
        select u.id from users_user u
        where u.is_active and (
            u.id = owner
            or u.id in (
                select t.lead_id from users_team t
                join users_teammember m on m.team_id = t.id and m.user_id = owner
            )
        )
    )
    select id from people
    union all
    select u.id from users_user u
    where u.is_active and u.role = 'admin' and not exists (select from people)
$$
"""


class Migration(migrations.Migration):
    dependencies = [("users", "0004_user_invited_at")]

    operations = [migrations.RunSQL(WHO_HEARS_FOR, "drop function users_who_hear_for(bigint)")]
