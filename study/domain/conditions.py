"""The conditions (arms) of a study: made and changed in a draft, switched off and on at any time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, RestrictedError
from django.utils import timezone

from study import permissions
from study.domain import translation
from study.domain.drafts import Part, changeable, locked
from study.errors import Conflict, EarsightError, NotYours
from study.models import Condition, StimulusSet, Study
from study.models.stimuli import Music

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_CONDITIONS = 12
Kind = tuple[str, str]  # whose translator (blank: the study's own), and whose music: one stimulus set each
OWN: Kind = ("", Music.OWN)


class ConditionInvalid(EarsightError):
    """The condition does not hold together."""


class ConditionTaken(Conflict):
    """Somebody has taken this condition, as a pilot perhaps; switch it off instead of removing it."""


class MusicMissing(Conflict):
    """The music of a condition is not built yet: build the pictures and music again."""


class LooksTogether(Conflict):
    """Looks before the end test one accuracy, and conditions are counted apart: take one of both out."""


@transaction.atomic
def add(study: Study, *, by: User, configuration: Mapping[str, Any]) -> Condition:
    """Give a draft one more condition.

    Raises:
        StudyFrozen: once published. ConditionInvalid: when a value is out of range or the name is taken.
    """
    study = changeable(study, by=by)
    if study.conditions.count() >= MOST_CONDITIONS:
        raise ConditionInvalid(f"A study has at most {MOST_CONDITIONS} conditions.")
    highest = study.conditions.aggregate(highest=Max("place"))["highest"] or 0
    return _configured(Condition(study=study, place=highest + 1), configuration)


@transaction.atomic
def change(condition: Condition, *, by: User, configuration: Mapping[str, Any]) -> Condition:
    """Change what a draft's condition is.

    Raises:
        StudyFrozen, ConditionInvalid: as for add.
    """
    condition.study = changeable(condition.study, by=by)
    return _configured(condition, configuration)


@transaction.atomic
def remove(condition: Condition, *, by: User) -> None:
    """Take a condition off a draft.

    Raises:
        StudyFrozen: once published. ConditionTaken: when a pilot has taken it.
    """
    changeable(condition.study, by=by)
    try:
        condition.delete()
    except RestrictedError as error:
        raise ConditionTaken from error


@transaction.atomic
def switch(condition: Condition, *, on: bool, by: User) -> Condition:
    """Let new volunteers into a condition, or no more of them; those who are in it go on. At any time.

    Raises:
        ConditionInvalid: for the last one that is on: pause the study instead.
    """
    permissions.may_work_on(by, condition.study)
    others = locked(condition.study).conditions.switched_on().exclude(pk=condition.pk)
    if not on and not others.exists():
        raise ConditionInvalid("One condition at least stays on; pause the study to let nobody in.")
    condition.switched_off_at = None if on else condition.switched_off_at or timezone.now()
    condition.save(update_fields=["switched_off_at"])
    return condition


def one_of(study: Study, pk: int) -> Condition:
    """Return the study's condition with this number.

    Raises:
        NotYours: where there is none.
    """
    condition = Condition.objects.filter(study=study, pk=pk).first()
    if condition is None:
        raise NotYours
    condition.study = study
    return condition


def numbered(study: Study, number: str) -> Condition:
    """Return the study's condition whose number stands in an address.

    Raises:
        NotYours: where there is none.
    """
    if not re.fullmatch(r"[0-9]{1,18}", number):
        raise NotYours
    return one_of(study, int(number))


def kinds(study: Study) -> list[Kind]:
    """Return what a build makes: the study's own music, then whatever else its conditions play."""
    wanted = study.conditions.values_list("translator", "music")
    return list(dict.fromkeys([OWN, *sorted(wanted)]))


def stimuli_of(study: Study) -> dict[Kind, StimulusSet]:
    """Return the sets that the study's build has made, by their kind; none before a build."""
    if study.stimuli is None:
        return {}
    made = StimulusSet.objects.filter(build=study.stimuli.build_id)
    return {(row.translator, row.music): row for row in made.defer("plan", "provenance")}


def kind_of(condition: Condition) -> Kind:
    """Return which stimuli the condition plays."""
    return condition.translator, condition.music


def without_music(study: Study) -> list[Condition]:
    """Return the conditions whose music the study's build has not made (all of them before a build)."""
    made = stimuli_of(study)
    return [condition for condition in study.conditions.all() if kind_of(condition) not in made]


def refuse_without_music(study: Study) -> None:
    """Raise MusicMissing when a condition has been added or changed since the build."""
    refuse_missing(study.conditions.all(), stimuli_of(study))


def _refuse_unready(study: Study) -> None:
    refuse_without_music(study)
    if study.stopping_rule and study.conditions.count() > 1:
        raise LooksTogether


def refuse_missing(every: Iterable[Condition], made: Mapping[Kind, StimulusSet]) -> None:
    """Raise MusicMissing, naming them, when what is made lacks the music of some of these conditions."""
    if missing := [condition.name for condition in every if kind_of(condition) not in made]:
        names = ", ".join(f"“{name}”" for name in missing)
        raise MusicMissing(f"The music of {names} is not built yet: build the pictures and music again.")


def _configured(condition: Condition, configuration: Mapping[str, Any]) -> Condition:
    unknown = set(configuration) - set(Condition.CONFIGURATION)
    if unknown:
        raise ConditionInvalid(f"A condition has no setting called {', '.join(sorted(unknown))}.")
    for name, value in configuration.items():
        setattr(condition, name, value)
    condition.name = condition.name.strip()
    if condition.translator == condition.study.model:
        condition.translator = ""
    if condition.translator and condition.translator not in translation.available_models():
        raise ConditionInvalid(f"“{condition.translator}” is not a translator of this server.")
    try:
        condition.full_clean()
    except ValidationError as error:
        raise ConditionInvalid(" ".join(error.messages)) from error
    condition.save()
    return condition


def _value(study: Study) -> list[dict[str, Any]]:
    made = stimuli_of(study)
    return [
        condition.configuration()
        | {"stimuli": made[kind_of(condition)].content_hash if kind_of(condition) in made else ""}
        for condition in study.conditions.all()
    ]


def _copy(study: Study, to: Study) -> None:
    Condition.objects.bulk_create(
        Condition(study=to, **condition.configuration()) for condition in study.conditions.switched_on()
    )


PART = Part("conditions", _value, _copy, _refuse_unready)
