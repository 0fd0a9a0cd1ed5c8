"""What commands are told on the command line."""

from django.core.management.base import CommandError
from django.db.models import Q

from study.models import Study


def named_study(name: str) -> Study:
    """Return the study with this number or public code.

    Raises:
        CommandError: where there is none.
    """
    wanted = Q(code=name) | Q(pk=int(name)) if name.isdecimal() else Q(code=name)
    study = Study.objects.select_related("stimuli").filter(wanted).first()
    if study is None:
        raise CommandError(f"There is no study {name!r}.")
    return study
