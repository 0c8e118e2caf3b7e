import django.contrib.postgres.indexes
from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations, models

import accounts.interactions.models

# The parser of PostgreSQL knows no words in Chinese, and takes "a/b" for the name of a file: what it gets are
# letters and digits in runs, and each pair of neighbouring Chinese characters. The pairs come in two passes,
# those that begin at the first character of a run and those that begin at the second.
FORWARD = r"""
create function interactions_words(text) returns tsvector
language sql immutable strict parallel safe
return (
    with plain as (
        select regexp_replace(
            translate(
                replace(lower(normalize(left($1, 20000), NFKD)), 'ß', 'ss'), '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~',
                '                                '
            ),
            '[\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]', '', 'g'
        ) as words
    )
    select to_tsvector(
        'simple'::regconfig,
        regexp_replace(words, '[\u3400-\u9fff\uf900-\ufaff]{2}', ' \& ', 'g')
        || ' '
        || case when words ~ '[\u3400-\u9fff\uf900-\ufaff]{3}' then
            regexp_replace(
                regexp_replace(words, '(^|[^\u3400-\u9fff\uf900-\ufaff])[\u3400-\u9fff\uf900-\ufaff]', '\1 ', 'g'),
                '[\u3400-\u9fff\uf900-\ufaff]{2}', ' \& ', 'g'
            )
        else '' end
    )
    from plain
)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('interactions', '0006_follow_up_done'),
    ]

    operations = [
        BtreeGinExtension(),
        migrations.RunSQL(FORWARD, 'drop function interactions_words(text)'),
        migrations.AddIndex(
            model_name='interaction',
            index=django.contrib.postgres.indexes.GinIndex(
                models.F('customer'),
                accounts.interactions.models.SearchedWords('summary'),
                condition=models.Q(('superseded_at__isnull', True), models.Q(('summary', ''), _negated=True)),
                name='interaction_words',
            ),
        ),
    ]
