from django.db import migrations, models
from django.db.models import Max


def keep_the_newest(apps, schema_editor):
    """Of several that run for one encoder; the jobs of the others then find nothing to do."""
    runs = apps.get_model("recognition", "CalibrationRun").objects.filter(state="running")
    newest = runs.order_by().values("encoder").annotate(newest=Max("pk")).values("newest")
    runs.exclude(pk__in=list(newest.values_list("newest", flat=True))).update(
        state="failed", reason="Another measurement of the same encoder took its place."
    )


class Migration(migrations.Migration):

    dependencies = [
        ('recognition', '0012_calibration_scopes_of_any_length'),
    ]

    operations = [
        migrations.RunPython(keep_the_newest, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name='calibrationrun',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'running')), fields=('encoder',), name='calibration_run_one_running_per_encoder'),
        ),
    ]
