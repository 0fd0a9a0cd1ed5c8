"""How the files of a package are called: Psych-DS takes `key-value` pairs of letters and digits."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from django.utils.text import slugify

from study.models import Session, Study


@dataclass(frozen=True)
class Names:
    """The names of one package's tables."""

    stem: str  # "study-digitsv1"
    task: str  # "task-3afc": how many images a trial shows

    def table(self, name: str, *, of_trials: bool = False) -> str:
        """Return the path of a table; the one of answers has no description."""
        if not name:
            return f"data/{self.stem}_{self.task}_data.csv"
        task = f"_{self.task}" if of_trials else ""
        return f"data/{self.stem}{task}_description-{name}_data.csv"


def of(study: Study, mode: str) -> Names:
    """Return the names for this study, its version and, unless live, the mode of sessions."""
    title = re.sub(r"[^A-Za-z0-9]", "", slugify(study.title))[:40] or "study"
    kind = "" if mode == Session.Mode.LIVE else str(mode)
    return Names(f"study-{title}v{study.version}{kind}", f"task-{options(study)}afc")


def options(study: Study) -> int:
    """Return how many images a trial of this study shows."""
    return len(study.stimuli.class_names) if study.stimuli else study.class_count


def moment(time: datetime.datetime) -> str:
    """Return a time in UTC as it stands in a package's files."""
    return time.astimezone(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
