"""Nothing that a volunteer's browser fetches before the end names a class or a picture."""

from study.models import Study
from tests.e2e.conftest import Open, at_trial, choose, to_first_trial


def test_no_page_before_the_end_names_a_class_or_a_picture(open_at: Open, quiet_study: Study) -> None:
    bodies: list[str] = []
    page = open_at("/")
    page.on("response", lambda answer: bodies.append(_text(answer)))
    page.goto(f"/s/{quiet_study.code}/")
    to_first_trial(page)
    for number in range(1, 6):
        at_trial(page, number)
        choose(page)
    at_trial(page, 6)
    page.wait_for_load_state("networkidle")
    everything = " ".join(bodies).lower()
    assert "trial 1 of 6" in everything
    leaks = ("quokka", "zeppelin", "marzipan", "picture-", "is_truth", "truth")
    assert [word for word in leaks if word in everything] == []


def _text(answer: object) -> str:
    kind = getattr(answer, "headers", {}).get("content-type", "")
    if not kind.startswith(("text/html", "application/json")) or getattr(answer, "status", 0) >= 300:
        return ""
    return f"{getattr(answer, 'url', '')} {getattr(answer, 'headers', '')} {answer.text()}"  # type: ignore[attr-defined]
