"""States and scores are partitioned by run: a run is attached at once and dropped at once.

No foreign keys: attaching a partition would lock the tables they point to.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

TABLES = """
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
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0002_initial")]

    operations = [
        migrations.RunSQL(TABLES, "drop table scoring_customer_score; drop table scoring_customer_state"),
        migrations.AddField(
            model_name="runshard",
            name="customer_ids",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField()),
        ),
        migrations.AddField(
            model_name="runshard",
            name="versions",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField()),
        ),
        migrations.AddField(
            model_name="scoringrun",
            name="dropped_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="scores dropped at"),
        ),
        migrations.AddField(
            model_name="scoringrun",
            name="retries",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
