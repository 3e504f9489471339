from typing import Any

import django.db.models.functions.text
from django.core.management import CommandError
from django.db import migrations, models


def refuse_codes_that_capitals_tell_apart(apps: Any, schema_editor: Any) -> None:
    """Which of two stores keeps the code that is on labels and in files is the retailer's to say."""
    stores = apps.get_model("stores", "Store").objects.using(schema_editor.connection.alias)
    by_code: dict[str, list[Any]] = {}
    for store in stores.order_by("pk"):
        by_code.setdefault(store.code.lower(), []).append(store)
    if alike := [same for same in by_code.values() if len(same) > 1]:
        named = "; ".join(
            ", ".join(f"“{each.code}” (id {each.pk}, {each.name})" for each in same)
            for same in alike
        )
        raise CommandError(
            f"Stores whose codes differ in capitals only: {named}. Two stores may no longer have"
            " such codes. Nothing was changed. Give all but one of each another code, in the admin of"
            " the version that you come from or by SQL"
            " (UPDATE stores_store SET code = 'NEW' WHERE id = …), and run migrate again."
        )


class Migration(migrations.Migration):

    dependencies = [
        ("stores", "0001_stores_stock_and_ledger"),
    ]

    operations = [
        migrations.RunPython(refuse_codes_that_capitals_tell_apart, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="store",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("code"),
                name="store_code_unique_in_any_case",
                violation_error_message=(
                    "Another store has this code; capital and small letters count as the same."
                ),
            ),
        ),
    ]
