"""What a package of a study holds, and that every number follows from it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analysis.package.consistency import UNSAID
from analysis.package.numbers import differences
from analysis.package.recompute import recompute, recomputed_object
from study.domain import conditions, listening_results, question_results, results, studies
from study.domain.packing import codebook, columns, contents, figures
from study.models import Question, QuestionAnswer, Response, Session, Study
from tests.study.packed import content, names, pack, table, text
from tests.world import MakeStudy, answer_all, at_first_trial, give_stimuli

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take longer than all the rest; test_package_pages.py draws them."""
    monkeypatch.setattr(figures, "drawn", lambda *of: iter(()))


@pytest.fixture
def package(answered: Study, tmp_path: Path) -> Path:
    return pack(answered, tmp_path)


def test_its_numbers_are_those_of_the_page_to_the_last_digit(
    answered: Study, package: Path, alice: User, client: Client
) -> None:
    client.force_login(alice)
    page = client.get(reverse("study_summary_json", args=[answered.pk]))
    found = recomputed_object(recompute(package), package.name)
    told = found.pop("package")
    for name in ("review", "machine_comparison"):
        assert found.pop(name) == content(package, f"{name}.json")
    assert found == page.json()
    assert text(package, "summary.json") == page.text
    assert (told["agrees"], told["mode"]) == (True, "live")
    assert {name for name in told["differs"] if name.endswith(".json")} == {
        "summary.json", "review.json", "machine_comparison.json",
    }  # fmt: skip
    assert (told["content_hash_derived"], any(told["differs"].values())) == (True, False)
    assert told["sha256"] == hashlib.sha256(package.read_bytes()).hexdigest()
    review = client.get(reverse("study_review_json", args=[answered.pk]))
    assert text(package, "review.json") == review.text


def test_the_command_line_recomputes_without_django_or_torch(package: Path) -> None:
    run = (
        f"import sys; from analysis.cli import main; status = main(['recompute', {str(package)!r}, '--json'])"
    )
    code = f"{run}; sys.exit(status or bool({{'django', 'torch'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["accuracy"] == content(package, "summary.json")["accuracy"]


def test_every_file_is_in_the_manifest_with_length_rows_and_digest(package: Path) -> None:
    manifest = content(package, "manifest.json")
    listed = {entry["path"]: entry for entry in manifest["files"]}
    assert set(listed) | {"manifest.json"} == names(package)
    with zipfile.ZipFile(package) as archive:
        for path, entry in listed.items():
            content_ = archive.read(path)
            assert (entry["bytes"], entry["sha256"]) == (len(content_), hashlib.sha256(content_).hexdigest())
            if path.endswith("_data.csv"):
                assert entry["rows"] == len(list(csv.reader(io.StringIO(content_.decode())))) - 1


def test_the_tables_are_those_of_the_results_page(answered: Study, package: Path) -> None:
    assert table(package) == results.long_csv(answered)
    assert table(package, "wide") == results.wide_csv(answered)
    assert table(package, "listening") == listening_results.listening_csv(answered, "live")
    assert table(package, "headphones") == listening_results.headphones_csv(answered, "live")
    assert table(package, "questions") == question_results.questions_csv(answered, "live")


def test_no_answer_of_the_study_is_unaccounted_for(answered: Study, tmp_path: Path) -> None:
    for mode in Session.Mode.values:
        manifest = content(pack(answered, tmp_path, mode), "manifest.json")
        (rows,) = [file["rows"] for file in manifest["files"] if file["path"] == manifest["answers"]]
        assert rows + sum(manifest["left_out"].values()) == Response.objects.count()
        assert rows == Response.objects.filter(session__mode=mode).count()


def test_a_table_that_lost_a_row_is_not_packed(
    answered: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = listening_results.listening_lines
    monkeypatch.setattr(listening_results, "listening_lines", lambda *of: list(lines(*of))[:-1])
    with pytest.raises(contents.PackageIncomplete, match="23 rows, but the database counts 24"):
        pack(answered, tmp_path)


def test_every_column_is_described_everywhere(answered: Study, package: Path) -> None:
    described = {
        (row["table"], row["column"]) for row in csv.DictReader(io.StringIO(text(package, "codebook.csv")))
    }
    measured = {
        variable["name"] for variable in content(package, "dataset_description.json")["variableMeasured"]
    }
    for path in names(package):
        if path.endswith("_data.csv"):
            for column in next(csv.reader(io.StringIO(text(package, path)))):
                assert (path, column) in described
                assert column in measured


def test_declared_rules_count_in_page_and_package(
    answered: Study, alice: User, client: Client, tmp_path: Path
) -> None:
    Study.objects.filter(pk=answered.pk).update(exclusion_rules={"plays_at_least": 2})
    found = recompute(pack(answered, tmp_path))
    assert (found.agrees, found.numbers["conditions"]) == (True, {})
    rows = list(csv.DictReader(io.StringIO(table(tmp_path / "package.zip", "counted"))))
    assert [(row["counted"], row["reason"]) for row in rows[:3]] == [("0", "plays_at_least")] * 3
    assert rows[3]["reason"] == "finished"


def test_frictionless_finds_the_package_valid(answered: Study, package: Path, tmp_path: Path) -> None:
    Question.objects.create(study=answered, place=1, kind="choice", prompt="=1+1", choices=["yes", "no"])
    folder = tmp_path / "unpacked"
    zipfile.ZipFile(pack(answered, tmp_path)).extractall(folder)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "frictionless", "validate", "datapackage.json", "--json"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert (report["valid"], done.returncode) == (True, 0), done.stdout
    assert report["stats"]["tasks"] == len([path for path in names(package) if path.endswith("_data.csv")])


def test_names_are_those_of_psych_ds(package: Path) -> None:
    tables = [path for path in names(package) if path.endswith(".csv") and path.startswith("data/")]
    assert "data/study-digitsv1_task-3afc_data.csv" in tables
    for path in tables:
        pairs = path.removeprefix("data/").removesuffix("_data.csv").split("_")
        assert all(key.isalpha() and value.isalnum() for key, value in (pair.split("-") for pair in pairs))
    about = content(package, "dataset_description.json")
    assert (about["@context"], about["@type"], about["name"]) == ("https://schema.org", "Dataset", "Digits")


def test_media_are_packed_where_the_table_says_or_not_at_all(answered: Study, tmp_path: Path) -> None:
    package = pack(answered, tmp_path)
    rows = list(csv.DictReader(io.StringIO(table(package, "stimuli"))))
    assert len(rows) == 24
    with zipfile.ZipFile(package) as archive:
        for row in rows:
            for kind in ("image", "clip"):
                digest = hashlib.sha256(archive.read(row[f"{kind}_file"])).hexdigest()
                assert digest == row[f"{kind}_sha256"]
    bare = pack(answered, tmp_path, with_media=False)
    assert not [path for path in names(bare) if path.startswith("media/")]
    assert {row["clip_file"] for row in csv.DictReader(io.StringIO(table(bare, "stimuli")))} == {""}


def test_a_missing_picture_is_told(answered: Study, tmp_path: Path) -> None:
    assert answered.stimuli
    item = answered.stimuli.items.order_by("pk")[0]
    item.image.storage.delete(str(item.image.name))
    package = pack(answered, tmp_path)
    (gone,) = content(package, "manifest.json")["missing_files"]
    assert gone.startswith("media/images/")
    assert gone in text(package, "README.md")
    assert recompute(package).agrees


def test_orders_can_be_derived_again_from_the_package(package: Path, tmp_path: Path) -> None:
    orders, answers = tmp_path / "orders.json", tmp_path / "answers.csv"
    orders.write_text(text(package, "configuration/orders.json"))
    answers.write_text(table(package))
    out = io.StringIO()
    call_command("verify_orders", file=orders, answers=answers, stdout=out)
    assert "All 20 answers fit them." in out.getvalue()


def test_panels_codes_are_withheld(make_study: MakeStudy, tmp_path: Path) -> None:
    study = make_study(completion_code="PAID-1234")
    package = pack(study, tmp_path)
    with zipfile.ZipFile(package) as archive:
        assert not [name for name in archive.namelist() if b"PAID-1234" in archive.read(name)]
    frozen = content(package, "configuration/study.json")
    assert (frozen["withheld"], frozen["content_hash"]) == (["completion_code"], study.content_hash)


def test_a_study_without_answers_has_a_package(study: Study, tmp_path: Path) -> None:
    found = recompute(pack(study, tmp_path))
    assert found.agrees
    told = recomputed_object(found, "package.zip")
    for key in ("accuracy", "sigma", "kappa", "accuracy_interval", "per_trial", "per_class"):
        assert (told[key], told["undefined"][key]) == (
            None,
            "There are no answers yet; it takes at least one.",
        )


def test_a_draft_without_stimuli_has_one_too(make_study: MakeStudy, tmp_path: Path) -> None:
    package = pack(make_study(status="draft"), tmp_path)
    assert "configuration/plan.json" not in names(package)
    assert recompute(package).agrees


def test_conditions_are_counted_apart(
    make_study: MakeStudy, alice: User, client: Client, tmp_path: Path
) -> None:
    draft = make_study(status="draft")
    arms = [conditions.add(draft, by=alice, configuration={"name": name}) for name in ("Music", "Control")]
    give_stimuli(draft, alice)
    study = studies.publish(draft, by=alice)
    for seed in range(6):
        answer_all(at_first_trial(study, seed=seed))
    found = recompute(pack(study, tmp_path))
    client.force_login(alice)
    page = reverse("study_summary_json", args=[study.pk])
    pages = {arm.name: client.get(page, {"condition": arm.pk}).json() for arm in arms}
    assert found.agrees
    assert differences(found.numbers["conditions"], pages) == []
    told = recomputed_object(found, "package.zip")
    assert (told["accuracy"], told["undefined"]["accuracy"]) == (
        None, "Conditions are counted apart: see `conditions`.",
    )  # fmt: skip
    assert told["comparison"] == content(package_of(tmp_path), "comparison.json")
    (row,) = told["comparison"]["differences"]
    (compared,) = results.comparison(study).differences
    assert (row["difference"], row["p"]) == (compared.difference, compared.p)
    assert set(told["machine_comparison"]["conditions"]) == {"Music", "Control"}


def package_of(folder: Path) -> Path:
    """Where `pack` writes."""
    return folder / "package.zip"


def test_a_declared_sequential_rule_is_in_page_package_and_report(
    make_study: MakeStudy, alice: User, client: Client, tmp_path: Path
) -> None:
    draft = make_study("built", planned_volunteers=8, looks=2, stopping_rule="pocock")
    study = studies.publish(draft, by=alice)
    visits = [at_first_trial(study) for _ in range(5)]
    for wrong, place in ((0, 4), (1, 2), (0, 1), (1, 0), (6, 3)):  # not as they came
        answer_all(visits[place], right=lambda position, wrong=wrong: position > wrong)  # type: ignore[misc]
    studies.close(study, by=alice)
    study.refresh_from_db()
    package = pack(study, tmp_path)
    assert recompute(package).agrees
    client.force_login(alice)
    assert text(package, "review.json") == client.get(reverse("study_review_json", args=[study.pk])).text
    told = content(package, "review.json")["sequential"]
    assert (told["counted"], told["ended_at"], told["over"]) == (5, 1, True)
    assert told["sentence"] in text(package, "report.html")
    assert "study ended at look 1 of 2, at 4 volunteers" in text(package, "report.html")


def test_cells_do_not_run_as_formulas(answered: Study, tmp_path: Path) -> None:
    question = Question.objects.create(study=answered, place=1, prompt="Say")
    visit = answered.sessions.order_by("pk")[0]
    Session.objects.filter(pk=visit.pk).update(questions_done_at=timezone.now())
    QuestionAnswer.objects.create(session=visit, question=question, text="=cmd|' /C calc'!A0\n\"")
    package = pack(answered, tmp_path)
    assert "'=cmd" in table(package, "questions")
    assert recompute(package).agrees


def test_what_a_hash_leaves_unsaid_is_known_without_the_server() -> None:
    assert {key: value for key, value in Study.BEFORE.items() if value} == UNSAID


def test_a_column_that_is_not_described_is_noticed() -> None:
    with pytest.raises(KeyError):
        columns.of(columns.ANSWERS, "nonsense")
    assert columns.of(columns.ANSWERS, "option_12_class") is columns.ANSWERS["option_#_class"]
    assert codebook.CODEBOOK["meaning"].kind == "string"


def test_the_command_writes_a_package(answered: Study, tmp_path: Path) -> None:
    out, path = io.StringIO(), tmp_path / "made.zip"
    call_command("export", str(answered.pk), "--output", str(path), "--without-media", stdout=out)
    assert "20 answers in" in out.getvalue()
    assert recompute(path).agrees
    assert [file.name for file in tmp_path.iterdir() if file.name.endswith(".part")] == []
