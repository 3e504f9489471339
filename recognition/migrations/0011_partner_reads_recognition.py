from django.db import migrations

from accounts.roles import PARTNER, ensure_roles

ADDED = [
    "recognition.view_encoder",
    "recognition.view_calibrationrun",
    "recognition.view_calibration",
    "recognition.view_featuremap",
]


def give(apps, schema_editor):
    # To partners alone: what a retailer took from other groups must not come back.
    ensure_roles(apps, added=ADDED, only=[PARTNER])


def take(apps, schema_editor):
    group = apps.get_model("auth", "Group").objects.filter(name=PARTNER).first()
    if group is not None:
        names = [each.split(".")[1] for each in ADDED]
        permissions = apps.get_model("auth", "Permission").objects.filter(
            content_type__app_label="recognition", codename__in=names
        )
        group.permissions.remove(*permissions)


class Migration(migrations.Migration):
    """Partners read how far an answer may be trusted, and what it was made by."""

    dependencies = [("recognition", "0010_encoder_switch")]

    operations = [migrations.RunPython(give, take, elidable=False)]
