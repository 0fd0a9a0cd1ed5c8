"""The plan of a study and its latents: downloaded, they are derived again with one command."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User

import sampling.__main__ as sampling
from study.models import StimulusSet, Study
from tests.world import MakeStudy, signed_in

pytestmark = pytest.mark.django_db


def test_the_plan_is_derived_again_from_what_the_page_offers(
    study: Study,
    bob: User,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = signed_in(bob)
    page = client.get(f"/studies/{study.pk}/").content.decode()
    command = re.search(r"<code>(python -m sampling [^<]+)</code>", page)
    assert command is not None
    for address in re.findall(r'href="([^"]+(?:plan\.json|latents\.npz))"', page):
        response = client.get(address)
        name = re.fullmatch(r'attachment; filename="([^"]+)"', response["Content-Disposition"])
        assert name is not None
        content = b"".join(response) if response.streaming else response.content
        (tmp_path / name[1]).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    assert sampling.main(command[1].split()[3:]) == 0
    assert "agrees with its seed and latents" in capsys.readouterr().out


def test_a_study_without_plan_or_latents_says_so(make_study: MakeStudy, alice: User) -> None:
    draft, old, client = make_study("draft"), make_study(), signed_in(alice)
    for file in ("plan.json", "latents.npz"):
        answer = client.get(f"/studies/{draft.pk}/{file}")
        assert (answer.status_code, "build the pictures and music first" in answer.content.decode()) == (
            409,
            True,
        )
    address = f"/studies/{old.pk}/latents.npz"
    old.stimuli.latents.delete(save=False)  # type: ignore[union-attr]
    assert "missing on the server" in client.get(address).content.decode()
    StimulusSet.objects.update(latents="")
    answer = client.get(address)
    assert (answer.status_code, "before latents were kept" in answer.content.decode()) == (404, True)
    assert "before latents were kept" in client.get(f"/studies/{old.pk}/").content.decode()
