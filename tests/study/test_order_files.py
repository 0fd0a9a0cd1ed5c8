"""The orders of all sessions as a file, and the check of that file without the database."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from analysis.tables import read_long_csv
from study.domain import conditions, headphones, order_files, results, sessions, studies
from study.models import Session, Study
from tests.world import MakeStudy, answer_all, at_first_trial

Content = dict[str, Any]


@pytest.fixture
def study_with_everything(make_study: MakeStudy, alice: User) -> Study:
    """Two conditions and a headphone check, two finished visits."""
    draft = make_study(status="draft", screening="recorded", screening_kind="huggins")
    for name in ("Music", "More music"):
        conditions.add(draft, by=alice, configuration={"name": name})
    from tests.world import give_stimuli

    give_stimuli(draft, alice)
    study = studies.publish(draft, by=alice)
    for seed in (1, 2):
        visit = sessions.confirm_sound(sessions.consent(sessions.start(study, seed=seed)))
        check = headphones.begin(visit)
        for sound in check.sounds.order_by("position"):
            headphones.answer(visit, sound.token, 0)
        headphones.decline(visit, "other")
        answer_all(walked(visit))
    return study


def walked(visit: Session) -> Session:
    from study.domain import steps

    return sessions.finish_examples(steps.read_instructions(visit))


@pytest.fixture
def files(study_with_everything: Study, tmp_path: Path) -> tuple[Path, Path]:
    """The downloaded orders and answers."""
    orders, answers = tmp_path / "orders.json", tmp_path / "answers.csv"
    orders.write_text(order_files.orders_json(study_with_everything, "live"))
    answers.write_text(results.long_csv(study_with_everything))
    return orders, answers


@pytest.mark.django_db
def test_the_orders_of_a_file_follow_from_its_seeds(files: tuple[Path, Path]) -> None:
    out = StringIO()
    call_command("verify_orders", file=files[0], answers=files[1], stdout=out)
    assert out.getvalue() == (
        "The orders of all 2 sessions follow from their seeds. All 12 answers fit them.\n"
    )
    row = order_files.read(files[0])["sessions"][0]
    assert (row["seed"], row["slots"], len(row["trials"]), len(row["headphones"]["layouts"])) == (
        "1",
        3,
        6,
        6,
    )
    assert set(row["places_held"]) == {"1", "2"}


def tampered(row: Content, what: str) -> None:
    if what == "trials":
        row["trials"][:2] = row["trials"][1::-1]
    elif what == "options":
        row["trials"][3]["order"].reverse()
    elif what == "seed":
        row["seed"] = "7"
    elif what == "headphones":
        row["headphones"]["layouts"].reverse()
    else:
        row["condition"] = 3 - row["condition"]


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["trials", "options", "seed", "headphones", "condition"])
def test_a_file_that_was_tampered_with_is_found_out(files: tuple[Path, Path], what: str) -> None:
    content = order_files.read(files[0])
    tampered(content["sessions"][1], what)
    files[0].write_text(json.dumps(content))
    with pytest.raises(CommandError, match=content["sessions"][1]["session_id"]):
        call_command("verify_orders", file=files[0])


@pytest.mark.django_db
def test_answers_that_do_not_fit_the_orders_are_found(files: tuple[Path, Path]) -> None:
    content, answers = order_files.read(files[0]), read_long_csv(files[1])
    assert order_files.answers_out_of_order(content, answers) == []
    first, *rest = content["sessions"]
    first["trials"].reverse()
    assert order_files.answers_out_of_order(content, answers) == [first["session_id"]]
    assert order_files.answers_out_of_order({"sessions": rest}, answers) == [first["session_id"]]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "earsight-orders-1", "sessions": 1}', "\ud800"])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "orders.json"
    path.write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(order_files.OrdersUnreadable):
        order_files.read(path)


@pytest.mark.parametrize("row", [{}, {"session_id": "s1", "seed": "x", "slots": 3, "trials": []}, 7])
def test_a_file_with_gaps_is_refused(row: object) -> None:
    with pytest.raises(order_files.OrdersUnreadable):
        order_files.sessions_out_of_order({"sessions": [row]})


def test_a_study_or_a_file_has_to_be_named() -> None:
    with pytest.raises(CommandError, match="Name a study, or a file"):
        call_command("verify_orders")


@pytest.mark.django_db
def test_a_researcher_downloads_the_orders(study: Study, alice: User, client: Client) -> None:
    visit = answer_all(at_first_trial(study))
    client.force_login(alice)
    answer = client.get(reverse("study_orders_json", args=[study.pk]))
    assert answer.headers["Content-Type"].startswith("application/json")
    assert [row["session_id"] for row in json.loads(answer.content)["sessions"]] == [f"s{visit.pk}"]
    assert (
        reverse("study_orders_json", args=[study.pk])
        in client.get(reverse("study_results", args=[study.pk])).text
    )
