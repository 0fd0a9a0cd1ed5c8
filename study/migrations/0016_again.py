from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('study', '0015_organiser'),
    ]

    operations = [
        # Twice, so that of visits from before this was noted nothing is said.
        migrations.AddField(
            model_name='session',
            name='again',
            field=models.BooleanField(null=True),
        ),
        migrations.AlterField(
            model_name='session',
            name='again',
            field=models.BooleanField(default=False, null=True),
        ),
    ]
