import django.contrib.postgres.fields
from django.db import migrations, models

from accounts import names
from accounts.renewing import renew_keys

SPOKEN = """
    array[row.short_name, row.legal_name, coalesce(row.number, '')]
    || array(select name from customers_formername former where former.customer_id = row.id order by former.id)
"""


def renew(apps, editor):
    renew_keys(
        editor, 'customers_customer', SPOKEN, lambda spoken: (names.search_text(*spoken), names.search_tokens(*spoken))
    )


class Migration(migrations.Migration):
    """Whole names, initials and beginnings among the tokens, traditional characters under simplified ones."""

    dependencies = [
        ('customers', '0003_changed_in'),
    ]

    operations = [
        migrations.AlterField(
            model_name='customer',
            name='search_tokens',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, editable=False, size=None),
        ),
        migrations.AlterField(
            model_name='customerevent',
            name='search_tokens',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, editable=False, size=None),
        ),
        migrations.RunPython(renew, migrations.RunPython.noop),
    ]
