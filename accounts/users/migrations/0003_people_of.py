"""Who belongs to a lead, as a function that tells the planner to expect few.

Written into every query, the recursion is taken for thousands of people, and customers and projects are read
whole. PL/pgSQL, because a function in SQL would be unfolded into the query again.
"""

from django.db import migrations

PEOPLE_OF = """
create function users_people_of(who bigint) returns setof bigint language plpgsql stable rows 5 as $$
begin
    return query
    with recursive people(id) as (
        select who
        union
        select member.user_id from people
        join users_team as team on team.lead_id = people.id
        join users_teammember as member on member.team_id = team.id
    )
    select people.id from people;
end
$$
"""


class Migration(migrations.Migration):
    dependencies = [("users", "0002_user_session_epoch")]

    operations = [migrations.RunSQL(PEOPLE_OF, "drop function users_people_of(bigint)")]
