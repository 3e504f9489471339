from django.db import migrations

from accounts.roles import PARTNER, ensure_roles

ADDED = [
    "products.add_category",
    "products.add_product",
    "products.change_product",
    "products.add_productimage",
    "products.change_productimage",
    "products.delete_productimage",
]


def give(apps, schema_editor):
    """To partners alone: editors have them, or a shop took them away."""
    ensure_roles(apps, added=ADDED, only=[PARTNER])


def take(apps, schema_editor):
    group = apps.get_model("auth", "Group").objects.filter(name=PARTNER).first()
    if group is not None:
        codenames = [each.split(".")[1] for each in ADDED]
        given = group.permissions.filter(
            content_type__app_label="products", codename__in=codenames
        )
        group.permissions.remove(*given)


class Migration(migrations.Migration):
    """Partners write products and photos through the API."""

    dependencies = [
        ('products', '0004_import_runs'),
        # Makes the groups.
        ('recognition', '0003_roles'),
    ]

    operations = [migrations.RunPython(give, take, elidable=False)]
