from django.db import migrations, models

import study.models.tokens


def give_codes(apps, schema_editor):
    """A code of its own to every visit that is there; their end stays open, as it was when they began."""
    Session = apps.get_model("study", "Session")
    for pk in Session.objects.values_list("pk", flat=True).iterator():
        Session.objects.filter(pk=pk).update(resume_code=study.models.tokens.resume_code())


class Migration(migrations.Migration):
    dependencies = [("study", "0009_study_texts")]

    operations = [
        migrations.AddField("session", "expires_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("session", "extensions", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("session", "resume_code", models.CharField(max_length=16, null=True, editable=False)),
        migrations.RunPython(give_codes, migrations.RunPython.noop),
        migrations.AlterField(
            "session",
            "resume_code",
            models.CharField(
                default=study.models.tokens.resume_code, editable=False, max_length=16, unique=True
            ),
        ),
    ]
