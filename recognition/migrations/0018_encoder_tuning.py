import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('recognition', '0017_measure_unread_photos_again'),
    ]

    operations = [
        migrations.CreateModel(
            name='EncoderTuning',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='at')),
                ('looked_at', models.CharField(max_length=64, verbose_name='digest of what was looked at')),
                ('is_change', models.BooleanField(verbose_name='proposes a change')),
                ('proposal', models.JSONField(verbose_name='proposal')),
                ('adapter', models.BinaryField(blank=True, null=True, verbose_name='mean and matrix')),
                ('text', models.TextField(verbose_name='table and proposal')),
                ('figures', models.JSONField(verbose_name='figures')),
                ('encoder', models.ForeignKey(help_text='The one that answered when it was searched.', on_delete=django.db.models.deletion.CASCADE, related_name='tunings', to='recognition.encoder', verbose_name='encoder')),
            ],
            options={
                'verbose_name': 'tuning',
                'verbose_name_plural': 'tunings',
                'ordering': ['-id'],
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('is_change', True), ('adapter__isnull', True), _connector='OR'), name='encoder_tuning_adapter_is_for_a_change')],
            },
        ),
    ]
