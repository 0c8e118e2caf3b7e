"""What an empty database gets at once in place of the 5 migrations up to 0005_who_hears_for."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from accounts.squashed import Tables


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

WHO_HEAR_FOR = """
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
    initial = True

    replaces = [
        ("users", "0001_initial"),
        ("users", "0002_user_session_epoch"),
        ("users", "0003_people_of"),
        ("users", "0004_user_invited_at"),
        ("users", "0005_who_hears_for"),
    ]

    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='Team',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, unique=True, verbose_name='name')),
                        ('lead', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='led_teams', to=settings.AUTH_USER_MODEL, verbose_name='lead')),
                    ],
                    options={
                        'verbose_name': 'team',
                        'verbose_name_plural': 'teams',
                    },
                ),
                migrations.CreateModel(
                    name='TeamEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('lead', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='lead')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='users.team')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='TeamMember',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='users.team')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='team_memberships', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'team member',
                        'verbose_name_plural': 'team members',
                        'constraints': [models.UniqueConstraint(fields=('team', 'user'), name='team_member_once')],
                    },
                ),
                migrations.CreateModel(
                    name='TeamMemberEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='users.teammember')),
                        ('team', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='users.team')),
                        ('user', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='UserEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('email', models.EmailField(max_length=254, verbose_name='e-mail')),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('sort_key', models.CharField(db_collation='C', default='', editable=False, max_length=240)),
                        ('role', models.CharField(choices=[('admin', 'Admin'), ('executive', 'Executive'), ('account_manager', 'Account manager'), ('project_manager', 'Project manager'), ('member', 'Project member')], max_length=20, verbose_name='role')),
                        ('may_see_profit', models.BooleanField(default=False, verbose_name='may see profit')),
                        ('language', models.CharField(default='en', max_length=10, verbose_name='language')),
                        ('time_zone', models.CharField(default='UTC', max_length=64, verbose_name='time zone')),
                        ('is_active', models.BooleanField(default=True, verbose_name='active')),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='User',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('email', models.EmailField(max_length=254, verbose_name='e-mail')),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('sort_key', models.CharField(db_collation='C', default='', editable=False, max_length=240)),
                        ('role', models.CharField(choices=[('admin', 'Admin'), ('executive', 'Executive'), ('account_manager', 'Account manager'), ('project_manager', 'Project manager'), ('member', 'Project member')], max_length=20, verbose_name='role')),
                        ('may_see_profit', models.BooleanField(default=False, verbose_name='may see profit')),
                        ('language', models.CharField(default='en', max_length=10, verbose_name='language')),
                        ('time_zone', models.CharField(default='UTC', max_length=64, verbose_name='time zone')),
                        ('is_active', models.BooleanField(default=True, verbose_name='active')),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                        ('session_epoch', models.PositiveIntegerField(default=1, editable=False)),
                        ('invited_at', models.DateTimeField(editable=False, null=True, verbose_name='invited at')),
                    ],
                    options={
                        'verbose_name': 'user',
                        'verbose_name_plural': 'users',
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_unique'), models.CheckConstraint(condition=models.Q(('role__in', ['admin', 'executive', 'account_manager', 'project_manager', 'member'])), name='user_role_known')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='team',
                    trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "users_teamevent" ("id", "lead_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."id", old_values."lead_id", old_values."name", _pgh_attached_context.value, NOW(), \'changed\', old_values."id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='da57f898280c524bc902a8c3ac86e3ddd61e2ff9', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_91425', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='users_team', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='team',
                    trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "users_teamevent" ("id", "lead_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."id", old_values."lead_id", old_values."name", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='dc90da69e800c93a6fa0a7e6865ee094af74be7d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_c2aa0', referencing='REFERENCING OLD TABLE AS old_values ', table='users_team', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='teammember',
                    trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "users_teammemberevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "team_id", "user_id") SELECT old_values."id", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."team_id", old_values."user_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='cc65b277b5495480427dbe40481b627662770c69', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_16dc7', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='users_teammember', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='teammember',
                    trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "users_teammemberevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "team_id", "user_id") SELECT old_values."id", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."team_id", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='6a3804282ca6a45d43a87825ed99bf1292241183', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_acbe0', referencing='REFERENCING OLD TABLE AS old_values ', table='users_teammember', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='user',
                    trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "users_userevent" ("created_at", "email", "id", "is_active", "language", "may_see_profit", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "sort_key", "time_zone") SELECT old_values."created_at", old_values."email", old_values."id", old_values."is_active", old_values."language", old_values."may_see_profit", old_values."name", _pgh_attached_context.value, NOW(), \'changed\', old_values."id", old_values."role", old_values."sort_key", old_values."time_zone" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."email" IS DISTINCT FROM (new_values."email") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."is_active" IS DISTINCT FROM (new_values."is_active") OR old_values."language" IS DISTINCT FROM (new_values."language") OR old_values."may_see_profit" IS DISTINCT FROM (new_values."may_see_profit") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."role" IS DISTINCT FROM (new_values."role") OR old_values."sort_key" IS DISTINCT FROM (new_values."sort_key") OR old_values."time_zone" IS DISTINCT FROM (new_values."time_zone")) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='53faf92d764323ddb2c3e3f42fc4c9958a2709be', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_update_b56f5', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='users_user', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='user',
                    trigger=pgtrigger.compiler.Trigger(name='deleted_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "users_userevent" ("created_at", "email", "id", "is_active", "language", "may_see_profit", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "sort_key", "time_zone") SELECT old_values."created_at", old_values."email", old_values."id", old_values."is_active", old_values."language", old_values."may_see_profit", old_values."name", _pgh_attached_context.value, NOW(), \'deleted\', old_values."id", old_values."role", old_values."sort_key", old_values."time_zone" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='8e755ba1ceadab98abdd84b56370cd2dd4321ab5', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deleted_delete_cf1ed', referencing='REFERENCING OLD TABLE AS old_values ', table='users_user', when='AFTER')),
                ),
            ]
        ),
        migrations.RunSQL(
            PEOPLE_OF,
            'drop function users_people_of(bigint)',
        ),
        migrations.RunSQL(
            WHO_HEAR_FOR,
            'drop function users_who_hear_for(bigint)',
        ),
    ]
