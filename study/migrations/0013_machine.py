from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('study', '0012_declared_rules'),
    ]

    operations = [
        migrations.AddField(
            model_name='stimulusset',
            name='machine',
            field=models.FileField(blank=True, max_length=300, upload_to=''),
        ),
        migrations.AddField(
            model_name='stimulusset',
            name='machine_error',
            field=models.TextField(blank=True, default=''),
        ),
    ]
