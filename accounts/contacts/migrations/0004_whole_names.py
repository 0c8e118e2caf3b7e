import django.contrib.postgres.fields
from django.db import migrations, models

from accounts import names
from accounts.renewing import renew_keys


def keys(spoken):
    name, email, phone = spoken
    found_by = (name, email, names.digits_of(phone))
    return names.search_text(*found_by), names.search_tokens(*found_by)


def renew(apps, editor):
    renew_keys(editor, 'contacts_contact', 'array[row.name, row.email, row.phone]', keys)


class Migration(migrations.Migration):
    """Telephone numbers, whole names, initials and beginnings among what a contact is found by."""

    dependencies = [
        ('contacts', '0003_same_customer'),
    ]

    operations = [
        migrations.AlterField(
            model_name='contact',
            name='search_tokens',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, editable=False, size=None),
        ),
        migrations.AlterField(
            model_name='contactevent',
            name='search_tokens',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, editable=False, size=None),
        ),
        migrations.RunPython(renew, migrations.RunPython.noop),
    ]
