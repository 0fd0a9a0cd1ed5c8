"""The jobs, the sweep and the commands; and what a bad setting says."""

from __future__ import annotations

import stat
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from kombu.exceptions import OperationalError
from pytest_django import Settings

from study import checks, tasks
from study.domain import building, demonstration, studies
from study.models import Build, Exhibit, Study
from tests.world import MakeStudy, silence

pytestmark = pytest.mark.django_db


def test_the_job_carries_out_a_build_once(draft: Study, alice: User) -> None:
    build = building.request(draft, by=alice)
    tasks.run_build(build.pk)
    tasks.run_build(build.pk)
    build.refresh_from_db()
    assert (build.status, build.attempt) == ("done", 1)


def test_a_broker_that_is_away_loses_nothing(
    make_study: MakeStudy, alice: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(build_id: int) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.run_build, "delay", away)
    build = building.request(make_study(status="draft"), by=alice)
    tasks.enqueue_build(build.pk)
    assert "the sweep will send it" in caplog.text
    silence(build)
    assert building.sweep() == [build.pk]


def test_the_sweep_command_says_what_it_sent(make_study: MakeStudy, alice: User) -> None:
    silence(building.request(make_study(status="draft"), by=alice))
    out = StringIO()
    call_command("sweep", stdout=out)
    assert out.getvalue() == (
        "1 build sent again.\nPackages: 0 sent again, 0 deleted.\nPictures: 0 sent again, 0 deleted.\n"
    )


def test_the_demonstration_says_why_it_cannot_be_built(product: Settings) -> None:
    study = studies.create(by=demonstration._researcher(), configuration=demonstration.CONFIGURATION)
    studies.update(study, by=study.owner, configuration={"model": "nothing"})
    with pytest.raises(CommandError, match="nothing"):
        call_command("demo", stdout=StringIO())
    assert not study.builds.filter(status__in=Build.ACTIVE).exists()


def test_the_demonstration_is_made_once_and_its_password_kept_private(
    draft: Study,
    product: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tiny = {
        name: getattr(draft, name)
        for name in ("model", "data", "class_count", "examples_per_class", "trial_count")
    }
    monkeypatch.setattr(demonstration, "CONFIGURATION", demonstration.CONFIGURATION | tiny)
    first, second = StringIO(), StringIO()
    call_command("demo", stdout=first)
    password = demonstration.password_file().read_text()
    call_command("demo", stdout=second)
    made = Study.objects.get(owner__username="demo")
    assert (made.status, made.builds.count()) == ("published", 1)
    assert Exhibit.objects.get(owner=made.owner).pictures.count() == 10
    assert first.getvalue().startswith("Built the study")
    assert second.getvalue().startswith("Found the study")
    assert demonstration.password_file().read_text() == password
    assert stat.S_IMODE(demonstration.password_file().stat().st_mode) == 0o600
    assert made.owner.check_password(password.strip())


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("CELERY_BROKER_URL", "carrier-pigeon://", "study.E001"),
        ("SITE_URL", "listen.example.org", "study.E002"),
        ("SOUNDFONT", "/nowhere.sf2", "study.E003"),
        ("ANSWER_RATE", "often", "study.E005"),
        ("START_RATE", "0/min", "study.E005"),
        ("HEAR_RATE", "now and then", "study.E005"),
        ("HEAR_QUEUE", 0, "study.E006"),
        ("HEAR_MEGABYTES", -1, "study.E006"),
    ],
)
def test_a_bad_setting_has_a_hint(product: Settings, name: str, value: object, code: str) -> None:
    setattr(product, name, value)
    (found,) = checks.all_checks()
    assert (found.id, bool(found.hint)) == (code, True)


def test_accel_and_s3_exclude_each_other(product: Settings) -> None:
    product.ACCEL_PREFIX, product.S3_BUCKET = "/protected/", "bucket"
    assert [found.id for found in checks.all_checks()] == ["study.E004"]
