"""Static files as a server gets them."""

import re
from pathlib import Path

from django.core.management import call_command
from pytest_django import Settings


def test_scripts_import_each_other_by_hashed_names(settings: Settings, tmp_path: Path) -> None:
    hashed = {"BACKEND": "study.static_files.HashedStaticFiles"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": hashed}
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    scripts = [path for path in (tmp_path / "study/js").glob("*.js") if path.name.count(".") == 2]
    imported = re.findall(r'from "\./([^"]+)"', "".join(path.read_text() for path in scripts))
    assert len(imported) > 5
    assert {name for name in imported if not re.fullmatch(r"\w+\.[0-9a-f]{12}\.js", name)} == set()
