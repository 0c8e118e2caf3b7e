"""What an empty database gets at once in place of the 6 migrations up to 0006_sorting_by_state."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from accounts.squashed import Tables


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("scoring", "0001_initial"),
        ("scoring", "0002_initial"),
        ("scoring", "0003_partitions"),
        ("scoring", "0004_satisfaction"),
        ("scoring", "0005_cost_to_serve"),
        ("scoring", "0006_sorting_by_state"),
    ]

    dependencies = [
        ("costs", "0001_squashed_0003_names_in_any_case"),
        ("customers", "0001_squashed_0005_custom_fields_found"),
        ("users", "0001_squashed_0005_who_hears_for"),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='CustomerScore',
                    fields=[
                        ('pk', models.CompositePrimaryKey('run_id', 'customer_id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('as_of', models.DateTimeField(verbose_name='as of')),
                        ('input_version', models.BigIntegerField()),
                        ('score', models.FloatField(null=True, verbose_name='score')),
                        ('share', models.FloatField(null=True, verbose_name='share of rank')),
                        ('rank', models.BigIntegerField(null=True, verbose_name='rank')),
                        ('tier', models.SmallIntegerField(choices=[(0, 'No tier yet'), (1, 'Strategic'), (2, 'Core'), (3, 'Key'), (4, 'Standard')], verbose_name='tier')),
                        ('pending_tier', models.SmallIntegerField(choices=[(0, 'No tier yet'), (1, 'Strategic'), (2, 'Core'), (3, 'Key'), (4, 'Standard')])),
                        ('borderline', models.BooleanField(verbose_name='borderline')),
                        ('coverage', models.FloatField(verbose_name='coverage')),
                        ('indicator_inputs', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), size=None)),
                        ('indicator_normalised', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), size=None)),
                        ('indicator_weights', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), size=None)),
                        ('indicator_points', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), size=None)),
                        ('p_alive', models.FloatField(null=True, verbose_name='probability of being active')),
                        ('expected_purchases', models.FloatField(null=True, verbose_name='expected purchases')),
                        ('expected_value_minor', models.FloatField(null=True, verbose_name='expected value')),
                        ('churn_score', models.FloatField(verbose_name='churn score')),
                        ('churn_inputs', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), size=None)),
                        ('churn_severities', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), size=None)),
                        ('churn_points', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), size=None)),
                        ('flag_reading', models.SmallIntegerField(choices=[(0, 'No flag'), (1, 'Watch'), (2, 'At risk'), (3, 'Critical')])),
                        ('flag_level', models.SmallIntegerField(choices=[(0, 'No flag'), (1, 'Watch'), (2, 'At risk'), (3, 'Critical')], verbose_name='churn flag')),
                        ('money_at_risk_minor', models.FloatField(null=True, verbose_name='money at risk')),
                    ],
                    options={
                        'verbose_name': 'score',
                        'verbose_name_plural': 'scores',
                        'db_table': 'scoring_customer_score',
                        'managed': False,
                    },
                ),
                migrations.CreateModel(
                    name='ChurnFlag',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('level', models.SmallIntegerField(choices=[(0, 'No flag'), (1, 'Watch'), (2, 'At risk'), (3, 'Critical')], verbose_name='level')),
                        ('score', models.FloatField(verbose_name='score')),
                        ('run_id', models.BigIntegerField()),
                        ('opened_at', models.DateTimeField(verbose_name='opened at')),
                        ('acknowledged_at', models.DateTimeField(blank=True, null=True, verbose_name='acknowledged at')),
                        ('cleared_at', models.DateTimeField(blank=True, null=True, verbose_name='cleared at')),
                        ('acknowledged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='churn_flags', to='customers.customer')),
                    ],
                    options={
                        'verbose_name': 'churn flag',
                        'verbose_name_plural': 'churn flags',
                        'constraints': [models.UniqueConstraint(condition=models.Q(('cleared_at__isnull', True)), fields=('customer',), name='flag_one_open'), models.CheckConstraint(condition=models.Q(('level__in', [1, 2, 3])), name='flag_level_known')],
                    },
                ),
                migrations.CreateModel(
                    name='CurrentRun',
                    fields=[
                        ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.scoringrun')),
                    ],
                    options={
                        'verbose_name': 'current run',
                        'verbose_name_plural': 'current run',
                        'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='current_run_is_one')],
                    },
                ),
                migrations.CreateModel(
                    name='PolicyVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField(unique=True, verbose_name='version')),
                        ('state', models.CharField(choices=[('draft', 'Draft'), ('active', 'Active'), ('retired', 'Retired')], default='draft', max_length=8, verbose_name='state')),
                        ('values', models.JSONField(verbose_name='values')),
                        ('note', models.CharField(blank=True, max_length=400, verbose_name='note')),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='created at')),
                        ('activated_at', models.DateTimeField(blank=True, null=True, verbose_name='activated at')),
                        ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'scoring policy version',
                        'verbose_name_plural': 'scoring policy versions',
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'active')), fields=('state',), name='policy_one_active'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'active', 'retired'])), name='policy_state_known')],
                    },
                ),
                migrations.CreateModel(
                    name='RunShard',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('low', models.BigIntegerField()),
                        ('high', models.BigIntegerField()),
                        ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='waiting', max_length=8)),
                        ('lease_until', models.DateTimeField(blank=True, null=True)),
                        ('attempts', models.PositiveIntegerField(default=0)),
                        ('customers', models.BigIntegerField(default=0)),
                        ('started_at', models.DateTimeField(blank=True, null=True)),
                        ('finished_at', models.DateTimeField(blank=True, null=True)),
                        ('error', models.TextField(blank=True)),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shards', to='scoring.scoringrun')),
                        ('customer_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        ('versions', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                    ],
                    options={
                        'verbose_name': 'shard',
                        'verbose_name_plural': 'shards',
                        'constraints': [models.UniqueConstraint(fields=('run', 'low'), name='shard_once'), models.CheckConstraint(condition=models.Q(('low__lt', models.F('high'))), name='shard_not_empty'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'running', 'done', 'failed'])), name='shard_state_known')],
                    },
                ),
                migrations.CreateModel(
                    name='ScoreChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('run_id', models.BigIntegerField()),
                        ('at', models.DateTimeField(verbose_name='at')),
                        ('tier_before', models.SmallIntegerField(choices=[(0, 'No tier yet'), (1, 'Strategic'), (2, 'Core'), (3, 'Key'), (4, 'Standard')])),
                        ('tier_after', models.SmallIntegerField(choices=[(0, 'No tier yet'), (1, 'Strategic'), (2, 'Core'), (3, 'Key'), (4, 'Standard')])),
                        ('flag_before', models.SmallIntegerField(choices=[(0, 'No flag'), (1, 'Watch'), (2, 'At risk'), (3, 'Critical')])),
                        ('flag_after', models.SmallIntegerField(choices=[(0, 'No flag'), (1, 'Watch'), (2, 'At risk'), (3, 'Critical')])),
                        ('score_before', models.FloatField(null=True)),
                        ('score_after', models.FloatField(null=True)),
                        ('churn_score_before', models.FloatField(null=True)),
                        ('churn_score_after', models.FloatField(null=True)),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='score_changes', to='customers.customer')),
                    ],
                    options={
                        'verbose_name': 'score change',
                        'verbose_name_plural': 'score changes',
                        'indexes': [models.Index(fields=['customer', '-at', '-id'], name='change_latest_first')],
                    },
                ),
                migrations.CreateModel(
                    name='ScoringRun',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('nightly', 'Nightly'), ('manual', 'On demand'), ('replay', 'Replay of a past day')], max_length=8, verbose_name='kind')),
                        ('as_of', models.DateTimeField(verbose_name='as of')),
                        ('state', models.CharField(choices=[('counting', 'Collecting facts'), ('scoring', 'Scoring'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='counting', max_length=10, verbose_name='state')),
                        ('cuts', models.JSONField(blank=True, null=True)),
                        ('customers', models.BigIntegerField(default=0, verbose_name='customers')),
                        ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='opened at')),
                        ('scored_at', models.DateTimeField(blank=True, null=True, verbose_name='scored at')),
                        ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
                        ('lease_until', models.DateTimeField(blank=True, null=True)),
                        ('attempts', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                        ('error', models.TextField(blank=True, verbose_name='error')),
                        ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='scoring.policyversion', verbose_name='policy')),
                        ('previous', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='scoring.scoringrun')),
                        ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('dropped_at', models.DateTimeField(blank=True, null=True, verbose_name='scores dropped at')),
                        ('retries', models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        'verbose_name': 'scoring run',
                        'verbose_name_plural': 'scoring runs',
                        'indexes': [models.Index(fields=['-as_of', '-id'], name='run_latest_first')],
                        'constraints': [models.UniqueConstraint(fields=('as_of', 'policy'), name='run_once_per_instant_and_policy'), models.CheckConstraint(condition=models.Q(('state__in', ['counting', 'scoring', 'done', 'failed', 'cancelled'])), name='run_state_known'), models.CheckConstraint(condition=models.Q(('kind__in', ['nightly', 'manual', 'replay'])), name='run_kind_known')],
                    },
                ),
                migrations.CreateModel(
                    name='CustomerStateRow',
                    fields=[
                        ('pk', models.CompositePrimaryKey('run_id', 'customer_id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('sales', models.FloatField(verbose_name="sales in the policy's window")),
                        ('direct_cost', models.FloatField(verbose_name='direct cost')),
                        ('costed_sales', models.FloatField(verbose_name='sales with a known direct cost')),
                        ('cost_to_serve', models.FloatField(verbose_name='cost to serve')),
                        ('recent_sales', models.FloatField(verbose_name='recent sales')),
                        ('satisfaction_level', models.FloatField(verbose_name='satisfaction index')),
                        ('lowest_points', models.FloatField(verbose_name='fewest points')),
                    ],
                    options={
                        'verbose_name': 'state',
                        'verbose_name_plural': 'states',
                        'db_table': 'scoring_customer_state',
                        'managed': False,
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='policyversion',
                    trigger=pgtrigger.compiler.Trigger(name='policy_values_are_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."values" IS DISTINCT FROM (NEW."values") AND NOT (OLD."state" = \'draft\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='980f10a9c909e5d3062647e1a71d86f63f3597dd', operation='UPDATE', pgid='pgtrigger_policy_values_are_fixed_de876', table='scoring_policyversion', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='policyversion',
                    trigger=pgtrigger.compiler.Trigger(name='policy_is_never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT (OLD."state" = \'draft\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='d4d849ce5d5d682f3094a4b550f6e7eaeb045974', operation='DELETE', pgid='pgtrigger_policy_is_never_deleted_278d5', table='scoring_policyversion', when='BEFORE')),
                ),
            ]
        ),
        migrations.RunSQL(
            """
            create table scoring_customer_state (
              run_id bigint not null,
              customer_id bigint not null,
              input_version bigint not null,
              stage smallint not null,
              stage_day double precision not null,
              acquired_day double precision not null,
              purchase_days double precision not null,
              first_purchase_day double precision not null,
              last_purchase_day double precision not null,
              repeat_value double precision not null,
              gap_square_sum double precision not null,
              sales double precision not null,
              direct_cost double precision not null,
              costed_sales double precision not null,
              quantity double precision not null,
              quantified_sales double precision not null,
              batch_count double precision not null,
              batch_sum double precision not null,
              batch_square_sum double precision not null,
              window_gap_count double precision not null,
              window_gap_sum double precision not null,
              window_gap_square_sum double precision not null,
              recent_sales double precision not null,
              same_months_sales double precision not null,
              last_touch_day_executive double precision not null,
              last_touch_day_management double precision not null,
              last_touch_day_specialist double precision not null,
              last_touch_day_operational double precision not null,
              has_contact_executive boolean not null,
              has_contact_management boolean not null,
              has_contact_specialist boolean not null,
              has_contact_operational boolean not null,
              active_contacts double precision not null,
              interactions_365 double precision not null,
              negative_90 double precision not null,
              supporter_left_day double precision not null,
              primary key (run_id, customer_id)
            ) partition by list (run_id);

            create table scoring_customer_score (
              run_id bigint not null,
              customer_id bigint not null,
              as_of timestamptz not null,
              input_version bigint not null,
              score double precision,
              share double precision,
              rank bigint,
              tier smallint not null check (tier between 0 and 4),
              pending_tier smallint not null check (pending_tier between 0 and 4),
              borderline boolean not null,
              coverage double precision not null,
              indicator_inputs double precision[] not null,
              indicator_normalised double precision[] not null,
              indicator_weights double precision[] not null,
              indicator_points double precision[] not null,
              p_alive double precision,
              expected_purchases double precision,
              expected_value_minor double precision,
              churn_score double precision not null,
              churn_inputs double precision[] not null,
              churn_severities double precision[] not null,
              churn_points double precision[] not null,
              flag_reading smallint not null check (flag_reading between 0 and 3),
              flag_level smallint not null check (flag_level between 0 and 3),
              is_immediate boolean not null,
              money_at_risk_minor double precision,
              primary key (run_id, customer_id) include (input_version)
            ) partition by list (run_id);

            create index score_by_value on scoring_customer_score (run_id, score desc nulls last, customer_id);
            create index score_by_churn on scoring_customer_score (run_id, churn_score desc, customer_id);
            create index score_by_tier on scoring_customer_score (run_id, tier, score desc nulls last, customer_id);
            create index score_by_flag on scoring_customer_score (run_id, flag_level, churn_score desc, customer_id);
            """,
            'drop table scoring_customer_score; drop table scoring_customer_state',
        ),
        migrations.RunSQL(
            [
                "alter table scoring_customer_state add column satisfaction_level double precision not null default 'NaN', add column satisfaction_age double precision not null default 'NaN', add column satisfaction_slope double precision not null default 'NaN', add column satisfaction_weeks double precision not null default 'NaN', add column low_grades double precision not null default 'NaN', add column lowest_points double precision not null default 'NaN', add column survey_silence double precision not null default 'NaN'",
                'alter table scoring_customer_state alter column satisfaction_level drop default, alter column satisfaction_age drop default, alter column satisfaction_slope drop default, alter column satisfaction_weeks drop default, alter column low_grades drop default, alter column lowest_points drop default, alter column survey_silence drop default',
            ],
            'alter table scoring_customer_state drop column satisfaction_level, drop column satisfaction_age, drop column satisfaction_slope, drop column satisfaction_weeks, drop column low_grades, drop column lowest_points, drop column survey_silence',
        ),
        migrations.RunSQL(
            [
                "alter table scoring_customer_state add column cost_to_serve double precision not null default 'NaN'",
                'alter table scoring_customer_state alter column cost_to_serve drop default',
            ],
            'alter table scoring_customer_state drop column cost_to_serve',
        ),
        migrations.RunSQL(
            [
                'create index state_by_recent_sales on scoring_customer_state (run_id, recent_sales, customer_id)',
                'create index state_by_index on scoring_customer_state (run_id, satisfaction_level, customer_id)',
            ],
            'drop index state_by_recent_sales; drop index state_by_index',
        ),
    ]
