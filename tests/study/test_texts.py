"""A study's own texts in several languages: offered when whole, agreed to as shown, frozen with the study."""

import pytest
from django.contrib.auth.models import User
from django.utils import translation

from study.domain import consents, descriptions, drafts, languages, questions, sessions, studies, texts
from study.errors import NotYours
from study.models import Study, TrialOption
from study.models.studies import CONSENT
from tests.world import MakeStudy, describe_all

pytestmark = pytest.mark.django_db

GERMAN = {"title": "Ziffern", "consent_text": "Ich bin einverstanden."}


@pytest.fixture
def draft(make_study: MakeStudy) -> Study:
    return make_study(status="built")


def offered(study: Study) -> list[str]:
    return texts.book(study).offered


def in_german(study: Study, alice: User, **more: str) -> Study:
    return texts.translate(study, "de", GERMAN | more, by=alice)


def test_a_study_is_offered_in_its_own_language(make_study: MakeStudy) -> None:
    assert offered(make_study(status="draft", language="fr")) == ["fr"]


def test_a_language_is_offered_when_no_text_is_missing(draft: Study, alice: User) -> None:
    texts.translate(draft, "de", {"title": "Ziffern"}, by=alice)
    assert [source.label for source in texts.book(draft).missing("de")] == ["Consent"]
    assert offered(draft) == ["en"]
    in_german(draft, alice)
    assert offered(draft) == ["en", "de"]
    texts.translate(draft, "de", GERMAN | {"consent_text": "  "}, by=alice)
    assert offered(draft) == ["en"]


def test_our_own_consent_text_needs_no_translation(make_study: MakeStudy, alice: User) -> None:
    study = make_study(status="draft", consent_text="")
    texts.translate(study, "nl", {"title": "Cijfers"}, by=alice)
    assert offered(study) == ["en", "nl"]
    said = texts.book(study).said("nl")
    assert said.consent_text.startswith("Meedoen is vrijwillig.")
    assert texts.book(study).said("en").consent_text == CONSENT


def test_texts_do_not_follow_the_language_of_the_thread(draft: Study, alice: User) -> None:
    in_german(draft, alice)
    with translation.override("es"):
        assert texts.book(draft).said("de").title == "Ziffern"
        assert texts.book(draft).said("en").title == "Digits"


def test_a_question_wants_a_translation_too(draft: Study, alice: User) -> None:
    in_german(draft, alice)
    asked = {"kind": "choice", "prompt": "Do you play music?", "choices": ["Yes", "No"]}
    questions.add(draft, asked, by=alice)
    missing = texts.book(draft).missing("de")
    assert [source.label for source in missing] == [
        "Question 1",
        "Question 1, choice 1",
        "Question 1, choice 2",
    ]
    words = {"Do you play music?": "Machen Sie Musik?", "Yes": "Ja", "No": "Nein"}
    in_german(draft, alice, **{texts.name_of(english): german for english, german in words.items()})
    said = texts.book(draft).said("de")
    assert (offered(draft), [said.words(text) for text in words]) == (["en", "de"], list(words.values()))


def test_a_question_that_says_something_else_loses_its_translation(draft: Study, alice: User) -> None:
    questions.add(draft, {"kind": "text", "prompt": "How was it?"}, by=alice)
    in_german(draft, alice, **{texts.name_of("How was it?"): "Wie war es?"})
    questions.change(draft, 1, {"kind": "text", "prompt": "How was the sound?"}, by=alice)
    assert offered(draft) == ["en"]
    assert texts.book(draft).said("de").words("How was the sound?") == "How was the sound?"


def test_a_translated_description_may_not_tell_its_class(make_study: MakeStudy, alice: User) -> None:
    study = make_study(status="built", described_options=True)
    describe_all(study, alice)
    study.refresh_from_db()
    assert study.stimuli is not None
    told = study.stimuli.class_names[0]
    source = next(source for source in texts.sources(study) if source.hides_class)
    with pytest.raises(texts.TextInvalid, match=told):
        in_german(study, alice, **{source.name: f"Ein Bild von {told}"})
    in_german(study, alice, **{source.name: "Helle Blöcke"})
    assert texts.book(study).said("de").words(source.text) == "Helle Blöcke"


@pytest.fixture
def described(make_study: MakeStudy, alice: User) -> Study:
    """A draft that can be taken by descriptions."""
    study = make_study(status="built", described_options=True)
    describe_all(study, alice)
    study.refresh_from_db()
    return study


def in_words(study: Study) -> dict[str, str]:
    """A German text of its own for each description."""
    hidden = [source.name for source in texts.sources(study) if source.hides_class]
    return {name: f"Helle Blöcke, Muster {number + 10}" for number, name in enumerate(hidden)}


def of_trial(study: Study, number: int) -> list[str]:
    """The names of the descriptions that one trial shows."""
    written = descriptions.texts_of(study)
    options = TrialOption.objects.filter(trial__set=study.stimuli_id, trial__number=number)
    return [texts.name_of(written[id_]) for id_ in options.values_list("stimulus__source_id", flat=True)]


def test_pictures_of_one_trial_keep_apart_in_every_language(described: Study, alice: User) -> None:
    words = in_words(described)
    one, other, _ = of_trial(described, 2)
    with pytest.raises(texts.TextInvalid, match="Another picture of trial 2 has the same description"):
        in_german(described, alice, **words | {one: "Dasselbe", other: " dasselbe "})
    elsewhere = of_trial(described, 3)[0]
    in_german(described, alice, **words | {one: "Dasselbe", elsewhere: "Dasselbe"})
    assert studies.publish(described, by=alice).is_open


@pytest.mark.parametrize("wrong", ["dasselbe", "Ein Bild von {name}"])
def test_translated_descriptions_are_looked_at_again_when_a_study_is_published(
    described: Study, alice: User, wrong: str
) -> None:
    assert described.stimuli is not None
    in_german(described, alice, **in_words(described))
    assert offered(described) == ["en", "de"]
    text = wrong.format(name=described.stimuli.class_names[0])  # as after a build with other classes
    described.texts.filter(name__in=of_trial(described, 1)).update(text=text)
    with pytest.raises(texts.TextInvalid, match=r"Description .*, Deutsch: "):
        studies.publish(described, by=alice)


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", GERMAN), ("tlh", GERMAN), ("de", GERMAN | {"title": "Z" * (texts.LONGEST + 1)})],
    ids=["the study's own language", "a language of no page", "too long"],
)
def test_what_cannot_be_kept_is_refused(
    draft: Study, alice: User, language: str, written: dict[str, str]
) -> None:
    with pytest.raises(texts.TextInvalid):
        texts.translate(draft, language, written, by=alice)
    assert not draft.texts.exists()


def test_texts_of_unknown_names_are_dropped(draft: Study, alice: User) -> None:
    in_german(draft, alice, seed="8", welcome_text="Hallo")  # this study has no welcome text of its own
    assert sorted(draft.texts.values_list("name", flat=True)) == ["consent_text", "title"]


def test_a_stranger_translates_nothing(draft: Study, charlie: User) -> None:
    with pytest.raises(NotYours):
        in_german(draft, charlie)


def test_a_published_study_keeps_its_texts(study: Study, alice: User) -> None:
    with pytest.raises(drafts.StudyFrozen):
        in_german(study, alice)


def test_the_content_hash_covers_the_texts(draft: Study, alice: User) -> None:
    before = studies.content_hash(draft)
    in_german(draft, alice)
    assert studies.content_hash(draft) != before
    texts.translate(draft, "de", {}, by=alice)
    assert studies.content_hash(draft) == before


def test_a_new_version_says_the_same(draft: Study, alice: User) -> None:
    in_german(draft, alice)
    copy = studies.new_version(studies.publish(draft, by=alice), by=alice)
    assert texts.book(copy).said("de") == texts.book(draft).said("de")


def test_a_changed_own_language_is_said_by_the_study_itself(draft: Study, alice: User) -> None:
    in_german(draft, alice)
    draft = studies.update(draft, by=alice, configuration={"language": "de", "title": "Digits on a page"})
    assert texts.book(draft).said("de").title == "Digits on a page"
    assert offered(draft) == ["de"]


def test_what_was_agreed_to_is_the_text_in_the_language_shown(draft: Study, alice: User) -> None:
    in_german(draft, alice)
    study = studies.publish(draft, by=alice)
    session = languages.choose(sessions.start(study), "de")
    session = languages.choose(sessions.consent(session), "en")
    (agreed,) = consents.versions(study)
    assert (agreed.text, agreed.language) == (GERMAN["consent_text"], "de")
    assert session.consent_hash == agreed.sha256 == sessions.text_hash(GERMAN["consent_text"])


def test_a_session_goes_on_only_in_a_language_that_is_offered(study: Study) -> None:
    session = sessions.start(study)
    with pytest.raises(languages.NoSuchLanguage):
        languages.choose(session, "de")
    session.refresh_from_db()
    assert (session.language, languages.of(session)) == ("", "en")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [(["de-AT", "fr"], "de"), (["it", "FR"], "fr"), (["", "it"], "en"), ([], "en"), (["zh-Hant-TW"], "en")],
)
def test_the_best_language_is_the_first_known_one(wanted: list[str], found: str) -> None:
    assert languages.best(["en", "de", "fr"], wanted, "en") == found
