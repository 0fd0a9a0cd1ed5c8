"""The pages of figures and machine listeners: what they show, download, and ask the worker for."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from analysis.figures.registry import FIGURES
from analysis.machine.files import read_machine
from analysis.values import Interval
from study import tasks
from study.domain import charts, machine
from study.domain.selecting import Selection
from study.models import StimulusSet, Study
from tests.world import answer_all, at_first_trial, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def answered(study: Study) -> Study:
    """Three volunteers: all right, half right, all right."""
    answer_all(at_first_trial(study))
    answer_all(at_first_trial(study), right=lambda position: position > 3)
    answer_all(at_first_trial(study))
    return study


@pytest.fixture
def desk(alice: User) -> Client:
    return signed_in(alice)


def at(page: str, study: Study, **more: str) -> str:
    return reverse(page, kwargs={"pk": study.pk} | more)


def test_every_figure_is_shown_with_its_words_and_downloads(answered: Study, desk: Client) -> None:
    page = desk.get(at("study_figures", answered)).content.decode()
    found = charts.charts(answered, Selection())
    assert list(found) == list(FIGURES)
    for name, chart in found.items():
        assert chart.alt_text[:60] in page
        for suffix in ("svg", "pdf", "png"):
            assert at("study_chart", answered, name=name, suffix=suffix) in page


@pytest.mark.parametrize(
    ("suffix", "kind", "start"),
    [
        ("svg", "image/svg+xml", b"<?xml"),
        ("pdf", "application/pdf", b"%PDF"),
        ("png", "image/png", b"\x89PNG"),
    ],
)
def test_a_figure_is_downloaded_under_the_name_of_the_study(
    answered: Study, desk: Client, suffix: str, kind: str, start: bytes
) -> None:
    path = at("study_chart", answered, name="volunteers", suffix=suffix)
    shown, saved = desk.get(path), desk.get(path + "?download")
    assert (shown["Content-Type"], shown.content[: len(start)]) == (kind, start)
    assert shown["Content-Disposition"] == f'inline; filename="digits-v1-volunteers.{suffix}"'
    assert saved["Content-Disposition"].startswith("attachment")
    assert shown.content == saved.content


def test_figures_that_there_are_not_are_not_found(answered: Study, desk: Client) -> None:
    assert desk.get(at("study_chart", answered, name="pie", suffix="svg")).status_code == 404
    assert desk.get(at("study_chart", answered, name="volunteers", suffix="gif")).status_code == 404
    StimulusSet.objects.update(machine="")
    for name in ("machine", "map"):
        assert desk.get(at("study_chart", answered, name=name, suffix="svg")).status_code == 404


def test_without_answers_the_pages_say_so(study: Study, desk: Client) -> None:
    for name in ("study_figures", "study_machine"):
        page = desk.get(at(name, study))
        assert (page.status_code, "There are no answers yet" in page.content.decode()) == (200, True)


def test_people_are_shown_beside_both_machines(answered: Study, desk: Client) -> None:
    page = desk.get(at("study_machine", answered)).content.decode()
    found = charts.beside(answered, Selection())
    for each in found.listeners:
        assert f'<td data-sorts="{each.accuracy}">{each.correct} of {each.trials}</td>' in page
    assert "The naive listener beside people." in page
    assert "Spearman’s rho" in page
    assert at("study_machine_json", answered) in page
    assert "Let the machine listen" not in page


def test_both_json_files_are_downloaded(answered: Study, desk: Client) -> None:
    heard = desk.get(at("study_machine_json", answered))
    assert answered.stimuli is not None
    assert read_machine(heard.content) == machine.listening(answered)
    assert heard["Content-Disposition"] == 'attachment; filename="digits-v1-machine.json"'
    told = json.loads(desk.get(at("study_machine_comparison", answered)).content)
    assert (told["format"], told["volunteers"]) == ("earsight.machine-comparison/1", 3)


def test_the_table_of_trials_sorts_and_is_downloaded(answered: Study, desk: Client) -> None:
    page = desk.get(at("study_machine", answered)).content.decode()
    address = at("study_table_csv", answered, key="machine")
    assert address in page
    assert 'id="table-machine" data-sortable' in page
    saved = desk.get(address)
    assert saved["Content-Disposition"] == 'attachment; filename="digits-v1-machine.csv"'
    rows = list(csv.DictReader(io.StringIO(saved.content.decode())))
    found = charts.beside(answered, Selection()).trials
    assert [int(row["Trial"]) for row in rows] == [each.trial for each in found]
    assert [float(row["Model’s difficulty"]) for row in rows] == pytest.approx(
        [each.difficulty["model"] for each in found]
    )
    StimulusSet.objects.update(machine="")
    assert desk.get(address).status_code == 404


def test_the_listeners_numbers_are_downloaded_as_computed(answered: Study, desk: Client) -> None:
    for each in charts.beside(answered, Selection()).listeners:
        saved = desk.get(at("study_table_csv", answered, key=each.listener)).content.decode()
        rows = {row["Number"]: row for row in csv.DictReader(io.StringIO(saved))}
        assert float(rows["Trials right"]["Value"]) == each.accuracy
        assert float(rows["Mean confidence in its choice"]["Value"]) == each.confidence
        agreed = rows["Share of people’s answers that are its choice"]
        assert isinstance(each.agreement_interval, Interval)
        assert float(agreed["95 % interval, low"]) == each.agreement_interval.low


def test_a_study_without_a_listening_offers_the_button_and_the_worker_is_asked(
    answered: Study,
    desk: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    StimulusSet.objects.update(machine="", machine_error="The model was away.")
    sent: list[int] = []
    monkeypatch.setattr(tasks, "enqueue_listening", sent.append)
    page = desk.get(at("study_machine", answered)).content.decode()
    assert "Let the machine listen" in page
    assert "The model was away." in page
    assert desk.get(at("study_machine_json", answered)).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        said = desk.post(at("study_machine", answered), follow=True).content.decode()
    assert "The machine is listening" in said
    assert "The model was away." not in said
    assert sent == [answered.stimuli_id]


def test_what_was_heard_is_not_heard_again(answered: Study, desk: Client) -> None:
    said = desk.post(at("study_machine", answered), follow=True).content.decode()
    assert "has already listened" in said


def test_a_draft_without_stimuli_has_nothing_to_hear(make_study: object, desk: Client) -> None:
    draft = make_study("draft")  # type: ignore[operator]
    said = desk.post(at("study_machine", draft), follow=True).content.decode()
    assert "build the pictures and music first" in said


def test_figure_2_is_drawn_with_its_pictures_only_where_it_is_shown(answered: Study) -> None:
    assert charts.material(answered, Selection()).thumbnails is None
    assert len(charts.material(answered, Selection(), pictures=True).thumbnails or {}) == 6
