import django.db.models.expressions
import django.db.models.lookups
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Beside sales that go on: no table is locked while its index is made.
    atomic = False

    dependencies = [
        ('products', '0006_renditions'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='product',
            index=models.Index(condition=models.Q(('is_active', True), ('merged_into', None)), fields=['category', 'brand', 'price'], include=('id',), name='product_facets'),
        ),
        AddIndexConcurrently(
            model_name='product',
            index=models.Index(condition=models.Q(django.db.models.lookups.Exact(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('id'), '*', models.Value(40503)), '&', models.Value(61440)), 0), ('is_active', True), ('merged_into', None)), fields=['category', 'brand', 'price'], include=('id',), name='product_facets_sampled'),
        ),
        AddIndexConcurrently(
            model_name='product',
            index=models.Index(condition=models.Q(('is_active', True), ('merged_into', None)), fields=['price', 'id'], name='product_by_price'),
        ),
    ]
