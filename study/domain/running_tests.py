"""What the tests that run now must keep to themselves: which music was made from which picture.

A picture that a running test asks about may neither hang in a public gallery with its music nor be sent in to
be heard. Examples may: volunteers hear them before the test. Whoever runs the model at home can find out
all the same; this site does not help.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from django.core.files.storage import default_storage
from django.db.models import F, Q

from study.domain import translation
from study.models import Stimulus, Study

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from numpy.typing import NDArray

# Two pictures are one when they differ in less than this share of what stands out from the ground.
ALIKE = 0.2
MOST_REMEMBERED = 1024


def asked_about() -> QuerySet[Stimulus]:
    """Return the pictures that a test asks about which volunteers can take now, or go on with."""
    running = (Study.Status.PUBLISHED, Study.Status.PAUSED)
    now_shown = Q(
        set__build=F("set__study__stimuli__build")
    )  # older builds stay for the pilots that saw them
    return Stimulus.objects.filter(now_shown, option__isnull=False, set__study__status__in=running)


def hold(pixels: NDArray[np.float32]) -> bool:
    """Return whether a running test asks about this picture (H, W, C), also with light and dark swapped."""
    names = asked_about().values_list("image", flat=True).distinct()
    asked = (_asked(name, pixels.shape) for name in names)
    return any(_alike(pixels, other) or _alike(1 - pixels, other) for other in asked if other is not None)


@lru_cache(maxsize=MOST_REMEMBERED)
def _asked(name: str, shape: tuple[int, int, int]) -> NDArray[np.float32] | None:
    """Return a picture as a model of this shape gets it; None: its file is gone. No name is used twice."""
    try:
        with default_storage.open(name) as file:
            return translation.pixels_of(io.BytesIO(file.read()), shape)
    except (FileNotFoundError, translation.PictureDamaged):
        return None


def _alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    stands_out = np.abs(other - np.median(other)).sum()
    return bool(np.abs(one - other).sum() < ALIKE * stands_out)
