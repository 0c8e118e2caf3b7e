"""What an empty database gets at once in place of the 2 migrations up to 0002_last_contacts."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from accounts.squashed import Tables


READ_LAST_CONTACTS = """
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


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("lists", "0001_initial"),
        ("lists", "0002_last_contacts"),
    ]

    dependencies = [
        ("customers", "0001_squashed_0005_custom_fields_found"),
        ("interactions", "0001_squashed_0010_standard_templates"),
        ("users", "0001_squashed_0005_who_hears_for"),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='BulkChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('owner', 'Assign to an owner'), ('stage', 'Change the stage'), ('add_tag', 'Add a tag'), ('remove_tag', 'Remove a tag')], max_length=12, verbose_name='kind')),
                        ('value', models.CharField(blank=True, max_length=40, verbose_name='value')),
                        ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='waiting', max_length=8, verbose_name='state')),
                        ('total', models.PositiveIntegerField(default=0, verbose_name='customers')),
                        ('changed', models.PositiveIntegerField(default=0, verbose_name='changed')),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                        ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                        ('lease_until', models.DateTimeField(blank=True, null=True)),
                        ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                        ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('undoes', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='lists.bulkchange')),
                    ],
                    options={
                        'verbose_name': 'bulk change',
                        'verbose_name_plural': 'bulk changes',
                        'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'running'])), fields=['lease_until'], name='bulk_unfinished')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['owner', 'stage', 'add_tag', 'remove_tag'])), name='bulk_kind_known'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'running', 'done', 'failed'])), name='bulk_state_known'), models.CheckConstraint(condition=models.Q(('undoes', models.F('id')), _negated=True), name='bulk_undoes_another')],
                    },
                ),
                migrations.CreateModel(
                    name='BulkRow',
                    fields=[
                        ('pk', models.CompositePrimaryKey('change_id', 'customer_id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('was', models.CharField(blank=True, max_length=40)),
                        ('is_changed', models.BooleanField(default=False)),
                        ('change', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='lists.bulkchange')),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                    ],
                    options={
                        'verbose_name': 'customer of a bulk change',
                        'verbose_name_plural': 'customers of a bulk change',
                    },
                ),
                migrations.CreateModel(
                    name='LastContact',
                    fields=[
                        ('customer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='last_contact', serialize=False, to='customers.customer')),
                        ('at', models.DateTimeField(null=True, verbose_name='last contact')),
                        ('follow_up_on', models.DateField(null=True, verbose_name='follow-up')),
                    ],
                    options={
                        'verbose_name': 'last contact',
                        'verbose_name_plural': 'last contacts',
                        'indexes': [models.Index(condition=models.Q(('at__isnull', False)), fields=['at', 'customer'], name='contact_latest'), models.Index(condition=models.Q(('follow_up_on__isnull', False)), fields=['follow_up_on', 'customer'], name='contact_next_follow_up')],
                    },
                ),
                migrations.CreateModel(
                    name='SavedView',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('subject', models.CharField(choices=[('customers', 'Customers')], default='customers', max_length=12)),
                        ('name', models.CharField(blank=True, max_length=80, verbose_name='name')),
                        ('is_shared', models.BooleanField(default=False, verbose_name='shared')),
                        ('is_default', models.BooleanField(default=False, verbose_name='opens first')),
                        ('query', models.JSONField(blank=True, default=dict, verbose_name='filters')),
                        ('columns', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None, verbose_name='columns')),
                        ('sort', models.CharField(blank=True, max_length=60, verbose_name='order')),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted at')),
                        ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'saved view',
                        'verbose_name_plural': 'saved views',
                        'indexes': [models.Index(condition=models.Q(('deleted_at__isnull', True), ('is_shared', True)), fields=['subject', 'name'], name='view_shared')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('owner', 'subject', 'name'), name='view_name_once_per_owner'), models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True), ('is_default', True)), fields=('owner', 'subject'), name='view_one_opens_first'), models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('is_default', False), ('is_shared', False)), _connector='OR'), name='view_without_name_is_own'), models.CheckConstraint(condition=models.Q(('subject__in', ['customers'])), name='view_subject_known')],
                    },
                ),
            ]
        ),
        migrations.RunSQL(
            READ_LAST_CONTACTS,
            """
            drop trigger last_contact_after_insert on interactions_interaction;
            drop trigger last_contact_after_delete on interactions_interaction;
            drop trigger last_contact_after_update on interactions_interaction;
            drop function lists_interactions_written();
            drop function lists_interactions_changed();
            drop function lists_read_last_contacts(bigint[]);
            """,
        ),
    ]
