"""Whether the files of a package tell the same study: what is said twice is compared."""

import hashlib
import json
from typing import Any, NoReturn

from analysis.exclusions import Rules, rules_from_object
from analysis.package import manifest as manifests
from analysis.package.errors import PackageRefused
from analysis.package.inputs import json_of, rows_of, study_of
from analysis.package.reading import Package

# What a study's hash leaves out while it says so: what studies did before they could say it.
UNSAID: dict[str, Any] = {"screening": "off", "screening_kind": "antiphase", "resume_hours": 720,
                          "language": "en", "looks": 3}  # fmt: skip


def check_study(package: Package, rules: Rules | None) -> bool:
    """Refuse a package whose files contradict each other about the study.

    Returns whether the content hash follows from the package's own configuration of the study.

    Raises PackageRefused naming both files.
    """
    manifest, study = package.manifest, study_of(package)
    for key in ("title", "version", "content_hash"):
        if study.get(key) != getattr(manifest, key):
            _refuse(package, manifests.NAME, manifests.STUDY, key)
    described = json_of(package, manifests.DATAPACKAGE)
    told = {
        "title": manifest.title, "created": manifest.cut_at, "mode": manifest.mode,
        "left_out": manifest.left_out,
    }  # fmt: skip
    for key, value in told.items():
        if not isinstance(described, dict) or described.get(key) != value:
            _refuse(package, manifests.NAME, manifests.DATAPACKAGE, key)
    if rules != rules_from_object(study["configuration"].get("exclusion_rules", {})):
        _refuse(package, manifests.EXCLUSIONS, manifests.STUDY, "rules of exclusion")
    _check_sessions(package)
    return _gives_hash(package, study)


def _check_sessions(package: Package) -> None:
    """Live sessions carry the hash under which the study was published; pilots may be older."""
    frozen = package.manifest.content_hash
    if package.manifest.mode != "live" or not frozen:
        return
    for row in rows_of(package, "sessions"):
        if row["study_hash"] != frozen:
            _refuse(package, manifests.NAME, f"the table of sessions ({row['session_id']})", "content_hash")


def _gives_hash(package: Package, study: dict[str, Any]) -> bool:
    hashed = study.get("hashed")
    if not hashed:  # a draft has no hash yet, and who lacks withheld codes can't derive it
        return False
    text = json.dumps(hashed, sort_keys=True, ensure_ascii=False)
    if hashlib.sha256(text.encode()).hexdigest() != package.manifest.content_hash:
        raise PackageRefused(
            f"{manifests.STUDY} in {package.name} was changed: its 'hashed' does not give the content hash."
        )
    said = hashed["configuration"]
    for key, value in (study["configuration"] | study["parts"]).items():
        unsaid = not value or UNSAID.get(key) == value
        if said.get(key, value if unsaid else None) != value:
            raise PackageRefused(
                f"{manifests.STUDY} in {package.name} was changed: '{key}' is not what was hashed."
            )
    return True


def _refuse(package: Package, one: str, other: str, key: str) -> NoReturn:
    raise PackageRefused(f"{package.name} was changed: {one} and {other} tell another {key}.")
