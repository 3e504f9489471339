from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("products", "0005_partners_write"),
    ]

    operations = [
        migrations.CreateModel(
            name="RenditionAttempt",
            fields=[
                (
                    "file",
                    models.CharField(
                        max_length=200, primary_key=True, serialize=False, verbose_name="file"
                    ),
                ),
                ("image_id", models.BigIntegerField(verbose_name="photo")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("leased_until", models.DateTimeField(null=True, verbose_name="leased until")),
                ("reason", models.TextField(blank=True, verbose_name="reason of failure")),
            ],
            options={
                "verbose_name": "attempt at small pictures",
                "verbose_name_plural": "attempts at small pictures",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="productimage",
            name="renditions",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, editable=False, verbose_name="small pictures"
            ),
        ),
        migrations.AddField(
            model_name="productimage",
            name="transparent",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="transparent"
            ),
        ),
        migrations.AddIndex(
            model_name="productimage",
            index=models.Index(
                condition=models.Q(("renditions", 0)),
                fields=["position", "id"],
                name="image_without_renditions",
            ),
        ),
        migrations.AddConstraint(
            model_name="renditionattempt",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), ("leased_until", None), _connector="OR"),
                name="rendition_attempt_failed_or_leased",
            ),
        ),
    ]
