from django.db import migrations, models


class Migration(migrations.Migration):
    """The index that keeps an order's identity unique also finds it by the beginning of its number."""

    dependencies = [
        ('orders', '0004_lean_indexes'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='order',
            name='order_one_current',
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.UniqueConstraint(
                condition=models.Q(('superseded_at__isnull', True)),
                fields=('identity',),
                name='order_one_current',
                opclasses=['varchar_pattern_ops'],
            ),
        ),
    ]
