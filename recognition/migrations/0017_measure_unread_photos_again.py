from django.db import migrations


class Migration(migrations.Migration):
    """Photos that the storage did not give out when they were to be measured were taken to be
    unreadable for ever. Whatever has no contrast is looked at once more.
    """

    dependencies = [
        ("recognition", "0016_count_attempts"),
    ]

    operations = [
        migrations.RunSQL(
            "DELETE FROM recognition_photodetail WHERE contrast IS NULL",
            migrations.RunSQL.noop,
        ),
    ]
