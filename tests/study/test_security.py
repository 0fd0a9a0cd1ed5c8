"""What every page promises to browsers, and what the settings do to cookies."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from study.domain import studies
from study.domain.orders import option_order
from study.domain.verification import sessions_out_of_order
from study.models import Presentation, Session, Study
from tests.world import answer_all

pytestmark = pytest.mark.django_db


def test_nothing_but_our_own_scripts_runs(client: Client) -> None:
    policy = client.get(reverse("home"))["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules == {
        "default-src": "'self'",
        "media-src": "'self' blob:",
        "img-src": "'self' blob: data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


def test_pages_tell_browsers_to_be_careful(client: Client) -> None:
    page = client.get(reverse("home"))
    assert (page["X-Content-Type-Options"], page["Referrer-Policy"]) == ("nosniff", "same-origin")
    assert page["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "path", ["/studies/", "/studies/{}/preview/", "/api/v1/studies/{}/answers", "/account/"]
)
def test_nothing_that_a_researcher_sees_is_kept(client: Client, study: Study, alice: User, path: str) -> None:
    client.force_login(alice)
    page = client.get(path.format(study.pk))
    assert (page.status_code, "no-store" in page["Cache-Control"]) == (200, True)


SHOW = (
    "import django; django.setup(); from django.conf import settings as s;"
    "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT,"
    "s.SECURE_HSTS_SECONDS, s.DEBUG)"
)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://listen.example.org", "True True True 31536000 False"),
        ("http://localhost:8000", "False False False 0 False"),
    ],
)
def test_an_https_address_makes_cookies_secure(
    address: str, shown: str, tmp_path: Path, repository: Path
) -> None:
    changed = {
        "EARSIGHT_SITE_URL": address,
        "EARSIGHT_VAR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "study.settings",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SHOW],
        env={**os.environ, **changed},
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == shown
    assert (tmp_path / "secret-key.txt").stat().st_mode & 0o777 == 0o600


def test_the_web_process_never_loads_torch(repository: Path, tmp_path: Path) -> None:
    code = (
        "import django; django.setup(); import study.urls, study.tasks, sys;"
        "slow = {'torch', 'note_seq', 'matplotlib', 'scipy', 'sklearn', 'pandas'};"
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "EARSIGHT_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "study.settings"},
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_orders_that_were_tampered_with_are_found(visit: Session) -> None:
    answer_all(visit)
    assert sessions_out_of_order(visit.study) == []
    shown = visit.presentations.select_related("trial").get(position=1)
    right = option_order(visit.seed, shown.trial.number, 3)
    Presentation.objects.filter(pk=shown.pk).update(option_order=right[::-1])
    assert sessions_out_of_order(visit.study) == [visit]
    with pytest.raises(CommandError, match=f"seed: {visit.pk}"):
        call_command("verify_orders", visit.study.code)


def test_the_content_hash_is_recomputed_from_the_rows(visit: Session) -> None:
    assert studies.content_hash(visit.study) == visit.study_hash
