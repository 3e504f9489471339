from django.conf import settings
from django.db import migrations

from accounts.roles import ensure_roles, remove_unused_roles


def make(apps, schema_editor):
    ensure_roles(apps)


def remove(apps, schema_editor):
    remove_unused_roles(apps)


class Migration(migrations.Migration):
    """Groups for the people of a shop. Here, since they need permissions of all apps below."""

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('products', '0004_import_runs'),
        ('recognition', '0002_sightings'),
        ('stores', '0001_stores_stock_and_ledger'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(make, remove, elidable=False)]
