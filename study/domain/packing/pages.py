"""The files of a package that people read, and the numbers that programs compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from study.models import Session, Study

_README = Path(__file__).with_name("files") / "readme.md"

MODE_WORDS = {
    Session.Mode.LIVE.value: "volunteers",
    Session.Mode.PILOT.value: "pilot sessions of the researchers",
    Session.Mode.SIMULATED.value: "simulated sessions, made by a program",
}


def about(study: Study, mode: str, cut_at: str) -> str:
    """Return in a few sentences what the package is of."""
    running = "" if study.status == Study.Status.CLOSED else " The study was still open then."
    return (
        f"Answers of {MODE_WORDS[mode]} to the listening study “{study.title}”, version {study.version}: in "
        f"each trial one clip of music, made from one of the images shown, and the choice of an image. Read "
        f"from the database on {cut_at}.{running}"
    )


def facts(study: Study, cut_at: str) -> Mapping[str, Any]:
    """Return further properties of the data set, by schema.org's names."""
    found: dict[str, Any] = {"version": str(study.version), "dateModified": cut_at}
    if study.content_hash:
        found["identifier"] = f"sha256:{study.content_hash}"
    return found | {"keywords": ["listening test", "forced choice", "images to music"]}


def readme(study: Study, said: str, missing: Sequence[str]) -> str:
    """Return the README: what is here and how to compute every number again."""
    gone = [
        "",
        "## Files that are missing",
        "",
        "These had gone from the server when the package was made:",
        "",
        *(f"- {path}" for path in missing),
    ]
    told = [f"# {study.title}", "", said, "", _README.read_text().rstrip(), *(gone if missing else []), ""]
    return "\n".join(told)
