from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stores', '0004_held_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='stockoperation',
            name='happened_at',
            field=models.DateTimeField(blank=True, help_text='Where it waited for a connection before it could be booked; else empty.', null=True, verbose_name='happened'),
        ),
    ]
