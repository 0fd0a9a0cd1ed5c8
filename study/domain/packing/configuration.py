"""The frozen configuration of a study as a file, without what is a secret between researcher and panel."""

from __future__ import annotations

import json
from typing import Any

from study.domain import frozen, studies, verification
from study.models import Study

FORMAT = "earsight.study/1"
# Whoever knows a panel's code is paid by it, whether or not they took part.
SECRET = ("completion_code", "screened_out_code", "failed_check_code", "broken_code")


def study_json(study: Study) -> str:
    """Return configuration, parts, hashes and dates of the study, and what its stimuli were made from."""
    stimuli = study.stimuli
    content = {
        "format": FORMAT,
        "title": study.title,
        "code": study.code,
        "version": study.version,
        "status": study.status,
        "content_hash": study.content_hash,
        "published_at": study.published_at and study.published_at.isoformat(),
        "closed_at": study.closed_at and study.closed_at.isoformat(),
        "configuration": _told(study),
        "parts": frozen.content(study),
        "stimuli": stimuli
        and {
            "content_hash": stimuli.content_hash,
            "classes": stimuli.class_names,
            "provenance": stimuli.provenance,
        },
        "withheld": [name for name in SECRET if getattr(study, name)],
        "hashed": _hashed(study),
    }
    return _json(content)


def consents_json(study: Study) -> str:
    """Return every consent text that somebody agreed to, by the digest that sessions carry."""
    return _json(
        [
            {"sha256": row.sha256, "language": row.language, "text": row.text}
            for row in study.consent_texts.order_by("pk")
        ]
    )


def plan_json(study: Study) -> str | None:
    """Return the plan of the stimuli; None before the first build."""
    return verification.plan_json(study) if study.stimuli else None


def models_used(study: Study) -> list[str]:
    """Return the names of the models that make the study's music, its own first."""
    others = study.conditions.exclude(translator="").order_by("place").values_list("translator", flat=True)
    return list(dict.fromkeys([study.model, *others]))


def _hashed(study: Study) -> dict[str, Any] | None:
    """Return what gives the content hash; None of a draft, where it holds a secret or gives another."""
    if any(getattr(study, name) for name in SECRET) or studies.content_hash(study) != study.content_hash:
        return None
    return studies.hashed(study)


def _told(study: Study) -> dict[str, Any]:
    return {name: value for name, value in study.configuration().items() if name not in SECRET}


def _json(content: object) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
