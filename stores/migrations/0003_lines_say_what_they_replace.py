from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stores', '0002_store_codes_in_any_case'),
    ]

    operations = [
        migrations.AddField(
            model_name='stocktakeline',
            name='replaces',
            field=models.BooleanField(db_default=False, default=False, verbose_name='replaced earlier counts'),
        ),
    ]
