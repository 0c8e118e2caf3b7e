"""The database keeps the last contact of every customer: statement-level triggers, so that COPY counts as well.

A customer's row is taken before his interactions are read: of two writers at once the second then sees what
the first wrote, because every statement of a volatile function has a snapshot of its own.
"""

from django.db import migrations

FORWARD = """
create function lists_read_last_contacts(ids bigint[]) returns void language plpgsql as $$
begin
  insert into lists_lastcontact (customer_id)
    select id from unnest(ids) as told (id) order by id on conflict do nothing;
  perform from lists_lastcontact where customer_id = any(ids) order by customer_id for update;
  update lists_lastcontact kept set at = found.at, follow_up_on = found.follow_up_on
  from (
    select told.id, last.at, due.follow_up_on
    from unnest(ids) as told (id)
    left join lateral (
      select started_at as at from interactions_interaction
      where customer_id = told.id and superseded_at is null
      order by started_at desc, id desc limit 1
    ) last on true
    left join lateral (
      select follow_up_on from interactions_interaction
      where customer_id = told.id and superseded_at is null and follow_up_done_at is null
        and follow_up_on > last.at
      order by follow_up_on, id limit 1
    ) due on true
  ) found
  where kept.customer_id = found.id
    and (kept.at, kept.follow_up_on) is distinct from (found.at, found.follow_up_on);
end $$;

create function lists_interactions_written() returns trigger language plpgsql as $$
begin
  perform lists_read_last_contacts(array(select distinct customer_id from written));
  return null;
end $$;

create function lists_interactions_changed() returns trigger language plpgsql as $$
begin
  perform lists_read_last_contacts(
    array(select customer_id from written union select customer_id from earlier)
  );
  return null;
end $$;

create trigger last_contact_after_insert after insert on interactions_interaction
  referencing new table as written for each statement execute function lists_interactions_written();
create trigger last_contact_after_delete after delete on interactions_interaction
  referencing old table as written for each statement execute function lists_interactions_written();
create trigger last_contact_after_update after update on interactions_interaction
  referencing new table as written old table as earlier
  for each statement execute function lists_interactions_changed();

select lists_read_last_contacts(array(select distinct customer_id from interactions_interaction));
"""
BACKWARD = """
drop trigger last_contact_after_insert on interactions_interaction;
drop trigger last_contact_after_delete on interactions_interaction;
drop trigger last_contact_after_update on interactions_interaction;
drop function lists_interactions_written();
drop function lists_interactions_changed();
drop function lists_read_last_contacts(bigint[]);
"""


class Migration(migrations.Migration):
    dependencies = [("lists", "0001_initial"), ("interactions", "0007_words")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
