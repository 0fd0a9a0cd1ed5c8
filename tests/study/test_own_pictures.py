"""What becomes of a picture that somebody sends: its music, or a sentence."""

from __future__ import annotations

import io

import pytest
from django.db import IntegrityError, transaction
from PIL import Image
from pytest_django import Settings

from study import tasks
from study.domain import hearing, media, own_pictures, running_tests, studies
from study.domain.uploads import UploadRefused
from study.models import OwnPicture, Stimulus, Study
from tests.study import pictures_sent as sent
from tests.study.pictures_sent import files
from tests.world import MakeStudy

pytestmark = pytest.mark.django_db

Status = OwnPicture.Status


def test_a_picture_becomes_music_and_what_was_sent_is_deleted(translator: None) -> None:
    picture = own_pictures.send(sent.drawing("JPEG", (90, 120)))
    assert (picture.status, len(files())) == (Status.QUEUED, 1)
    own_pictures.run(picture.pk)
    picture.refresh_from_db()
    made = [picture.picture, picture.seen, picture.clip, picture.midi]
    assert (picture.status, picture.attempt, picture.upload.name) == (Status.DONE, 1, "")
    assert sorted(files()) == sorted(str(file.name) for file in made)
    assert media.content(picture.midi).startswith(b"MThd")
    assert picture.steps == 32
    assert picture.seconds == pytest.approx(5.0)
    assert all(
        0 <= start < end <= picture.steps and 21 <= pitch <= 108 for pitch, start, end in picture.notes
    )
    assert Image.open(io.BytesIO(media.content(picture.seen))).size == (224, 224)


def test_nothing_that_a_camera_wrote_survives(translator: None) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secret camera of Alice"
    picture = own_pictures.send(sent.drawing("JPEG", (90, 120), exif=exif.tobytes()))
    own_pictures.run(picture.pk)
    picture.refresh_from_db()
    assert b"Alice" not in media.content(picture.picture)
    assert dict(Image.open(io.BytesIO(media.content(picture.picture))).getexif()) == {}


def test_ink_on_paper_is_swapped_unless_somebody_says_otherwise(translator: None) -> None:
    swapped = []
    for light in OwnPicture.Light:
        picture = own_pictures.send(sent.drawing(), light)
        own_pictures.run(picture.pk)
        picture.refresh_from_db()
        swapped.append((str(light), picture.swapped))
    assert swapped == [("auto", True), ("keep", False), ("swap", True)]


def test_white_on_black_stays_as_it_is(translator: None) -> None:
    image = Image.new("L", (56, 56))
    image.paste(255, (20, 10, 30, 46))
    picture = own_pictures.send(sent.saved(image, "PNG"))
    own_pictures.run(picture.pk)
    picture.refresh_from_db()
    assert (picture.status, picture.swapped) == (Status.DONE, False)


def test_running_twice_makes_it_once(translator: None) -> None:
    picture = own_pictures.send(sent.drawing())
    tasks.run_picture(picture.pk)
    before = OwnPicture.objects.values().get()
    tasks.run_picture(picture.pk)
    assert OwnPicture.objects.values().get() == before


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_breaks_off_ends_in_a_sentence(kind: str, translator: None) -> None:
    picture = own_pictures.send(sent.cut_short(kind))
    own_pictures.run(picture.pk)
    picture.refresh_from_db()
    assert (picture.status, picture.refusal, picture.upload.name, files()) == ("failed", "damaged", "", [])


def test_a_compressed_bomb_is_stopped_before_it_is_unpacked(translator: None) -> None:
    with pytest.raises(UploadRefused, match="20000 × 20000"):
        own_pictures.send(sent.png_claiming(20_000, 20_000))
    assert (OwnPicture.objects.count(), files()) == (0, [])


def test_a_missing_translator_ends_in_a_sentence(product: Settings) -> None:
    product.HEAR_MODEL = "nobody-has-this"
    picture = own_pictures.send(sent.drawing())
    own_pictures.run(picture.pk)
    picture.refresh_from_db()
    assert (picture.status, picture.refusal, files()) == ("failed", "no_translator", [])


def test_an_error_of_ours_ends_in_a_sentence_and_in_the_log(
    translator: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of tune")

    monkeypatch.setattr(hearing, "_written", broken)
    picture = own_pictures.send(sent.drawing())
    own_pictures.run(picture.pk)
    picture.refresh_from_db()
    assert (picture.status, picture.refusal, files()) == ("failed", "unexpected", [])
    assert "out of tune" in caplog.text


def test_the_queue_has_an_end(product: Settings) -> None:
    product.HEAR_QUEUE = 2
    first = own_pictures.send(sent.drawing())
    own_pictures.send(sent.drawing())
    with pytest.raises(own_pictures.QueueFull, match="few minutes"):
        own_pictures.send(sent.drawing())
    assert len(files()) == 2
    own_pictures.delete(first.token)
    own_pictures.send(sent.drawing())


def test_everybody_is_told_how_many_are_before_them() -> None:
    pictures = [own_pictures.send(sent.drawing()) for _ in range(3)]
    assert [own_pictures.ahead_of(picture) for picture in pictures] == [0, 1, 2]


def test_the_operator_can_switch_it_off(product: Settings) -> None:
    product.HEAR = False
    with pytest.raises(own_pictures.HearingClosed):
        own_pictures.send(sent.drawing())


def test_a_picture_of_a_running_test_is_not_translated(translator: None, study: Study) -> None:
    """Else a volunteer could send the pictures of a trial and compare."""
    option = Stimulus.objects.filter(option__isnull=False)[0]
    example = Stimulus.objects.filter(example__isnull=False)[0]
    refusals = []
    for stimulus in (option, example):
        for light in OwnPicture.Light:
            picture = own_pictures.send(io.BytesIO(media.content(stimulus.image)), light)
            own_pictures.run(picture.pk)
            picture.refresh_from_db()
            refusals.append(picture.refusal)
    assert refusals == ["in_a_test"] * 3 + [""] * 3


def test_nor_is_a_photograph_of_its_screen(translator: None, study: Study) -> None:
    option = Stimulus.objects.filter(option__isnull=False)[0]
    image = Image.open(io.BytesIO(media.content(option.image))).convert("RGB").resize((300, 300))
    picture = own_pictures.send(sent.saved(image, "JPEG", quality=40))
    own_pictures.run(picture.pk)
    picture.refresh_from_db()
    assert picture.refusal == "in_a_test"


def test_when_the_test_has_ended_its_pictures_may_be_heard(translator: None, make_study: MakeStudy) -> None:
    study = make_study()
    option = Stimulus.objects.filter(option__isnull=False)[0]
    studies.pause(study, by=study.owner)
    assert running_tests.asked_about().count() == 18  # whoever has begun may finish
    studies.close(study, by=study.owner)
    picture = own_pictures.send(io.BytesIO(media.content(option.image)))
    own_pictures.run(picture.pk)
    picture.refresh_from_db()
    assert (picture.status, running_tests.asked_about().count()) == ("done", 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "dancing"},
        {"status": "failed", "refusal": ""},
        {"status": "done"},
        {"folder": ""},
    ],
)
def test_the_database_refuses_half_truths(wrong: dict[str, str]) -> None:
    picture = own_pictures.send(sent.drawing())
    with pytest.raises(IntegrityError), transaction.atomic():
        OwnPicture.objects.filter(pk=picture.pk).update(**wrong)
