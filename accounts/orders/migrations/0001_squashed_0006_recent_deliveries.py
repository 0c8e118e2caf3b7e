"""What an empty database gets at once in place of the 6 migrations up to 0006_recent_deliveries."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from accounts.squashed import Tables


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("orders", "0001_initial"),
        ("orders", "0002_initial"),
        ("orders", "0003_same_customer"),
        ("orders", "0004_lean_indexes"),
        ("orders", "0005_found_by_number"),
        ("orders", "0006_recent_deliveries"),
    ]

    dependencies = [
        ("customers", "0001_squashed_0005_custom_fields_found"),
        ("projects", "0001_squashed_0004_keys_of_names"),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='ProductLine',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, unique=True, verbose_name='name')),
                    ],
                    options={
                        'verbose_name': 'product line',
                        'verbose_name_plural': 'product lines',
                    },
                ),
                migrations.CreateModel(
                    name='Order',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('known_at', models.DateTimeField(verbose_name='known at')),
                        ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded at')),
                        ('import_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='import')),
                        ('superseded_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='superseded at')),
                        ('identity', models.CharField(editable=False, max_length=96)),
                        ('number', models.CharField(blank=True, max_length=64, verbose_name='order number')),
                        ('kind', models.CharField(choices=[('order', 'Order'), ('credit_note', 'Credit note')], default='order', max_length=12, verbose_name='kind')),
                        ('ordered_on', models.DateField(verbose_name='ordered on')),
                        ('promised_on', models.DateField(blank=True, null=True, verbose_name='promised for')),
                        ('delivered_on', models.DateField(blank=True, null=True, verbose_name='delivered on')),
                        ('quantity', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='quantity')),
                        ('currency', models.CharField(max_length=3, verbose_name='currency')),
                        ('rate', models.DecimalField(decimal_places=8, default=1, max_digits=18, verbose_name='exchange rate')),
                        ('amount_minor', models.BigIntegerField(verbose_name='amount')),
                        ('direct_cost_minor', models.BigIntegerField(blank=True, null=True, verbose_name='direct cost')),
                        ('base_amount_minor', models.BigIntegerField(editable=False)),
                        ('base_direct_cost_minor', models.BigIntegerField(editable=False, null=True)),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='customers.customer', verbose_name='customer')),
                        ('project', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='projects.project', verbose_name='project')),
                        ('product_line', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='orders.productline', verbose_name='product line')),
                    ],
                    options={
                        'verbose_name': 'order',
                        'verbose_name_plural': 'orders',
                        'indexes': [models.Index(fields=['customer', 'ordered_on'], include=('kind', 'quantity', 'base_amount_minor', 'base_direct_cost_minor', 'known_at', 'superseded_at'), name='order_features'), models.Index(condition=models.Q(('superseded_at__isnull', True)), fields=['customer', '-ordered_on', '-id'], name='order_latest_first'), models.Index(condition=models.Q(('import_id__isnull', False)), fields=['import_id'], name='order_by_import'), models.Index(condition=models.Q(('superseded_at__isnull', True), _negated=True), fields=['identity'], name='order_old_versions'), models.Index(condition=models.Q(('project__isnull', False)), fields=['project'], name='order_by_project'), models.Index(condition=models.Q(('product_line__isnull', False)), fields=['product_line'], name='order_by_product_line'), models.Index(condition=models.Q(('superseded_at__isnull', True), ('delivered_on__isnull', False), ('kind', 'order')), fields=['delivered_on'], name='order_delivered')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('identity', ''), _negated=True), name='order_has_identity'), models.CheckConstraint(condition=models.Q(models.Q(('amount_minor__gte', 0), ('base_amount_minor__gte', 0), ('kind', 'order')), models.Q(('amount_minor__lte', 0), ('base_amount_minor__lte', 0), ('kind', 'credit_note')), _connector='OR'), name='order_sign_follows_kind'), models.CheckConstraint(condition=models.Q(('rate__gt', 0)), name='order_rate_positive'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='order_currency_code'), models.CheckConstraint(condition=models.Q(('delivered_on__isnull', True), ('delivered_on__gte', models.F('ordered_on')), _connector='OR'), name='order_delivered_after_ordered'), models.CheckConstraint(condition=models.Q(('base_amount_minor__range', (-10000000000000, 10000000000000))), name='order_amount_possible'), models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('identity',), name='order_one_current', opclasses=['varchar_pattern_ops'])],
                    },
                ),
            ]
        ),
        migrations.RunSQL(
            """
            alter table orders_order add constraint order_project_of_customer
            foreign key (customer_id, project_id) references projects_project (customer_id, id)
            deferrable initially deferred
            """,
            'alter table orders_order drop constraint order_project_of_customer',
        ),
    ]
