from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Beside sales that go on: no table is locked while its index is made.
    atomic = False

    dependencies = [
        ('products', '0007_facet_indexes'),
        ('stores', '0003_lines_say_what_they_replace'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='stocklevel',
            index=models.Index(condition=models.Q(('quantity__gt', 0)), fields=['product', 'store'], name='level_held'),
        ),
        AddIndexConcurrently(
            model_name='stocklevel',
            index=models.Index(condition=models.Q(('quantity__gt', 0)), fields=['store', 'product'], name='level_held_by_store'),
        ),
    ]
