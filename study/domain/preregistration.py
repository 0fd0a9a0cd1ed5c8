"""A preregistration written from a study: AsPredicted's nine questions, answered by its configuration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from study.domain import answered, declared
from study.models import Session, Study

if TYPE_CHECKING:
    from analysis.exclusions import Rules


def text(study: Study) -> str:
    """Return the preregistration as Markdown."""
    answers = (
        ("Data collected already", _data(study)),
        ("Question and hypothesis", _hypothesis(study)),
        ("Dependent variable", _measure(study)),
        ("Conditions", _conditions(study)),
        ("Analyses", _analyses(study)),
        ("Outliers and exclusions", _exclusions(study)),
        ("Sample size", _sample(study)),
        ("Anything else", _else(study)),
        ("Name and type of the study", f"{study.title}. Experiment with volunteers on the web."),
    )
    parts = [f"## {number}. {name}\n\n{said}\n" for number, (name, said) in enumerate(answers, start=1)]
    return f"# Preregistration: {study.title}\n\n" + "\n".join(parts)


def _data(study: Study) -> str:
    finished = answered.sessions(study, Session.Mode.LIVE).finished().count()
    if not finished:
        return "No, no data have been collected for this study yet."
    return f"Yes, {finished} finished. What follows was declared before the first of them."


def _hypothesis(study: Study) -> str:
    return (
        "Volunteers hear a clip that a model composed from a picture and choose that picture among "
        f"{_options(study)}. Hypothesis: they are right more often than by guessing (1/{_options(study)}), "
        "so the music carries something of the picture that people can hear."
    )


def _options(study: Study) -> int:
    return len(study.stimuli.class_names) if study.stimuli else len(study.chosen_classes) or study.class_count


def _measure(study: Study) -> str:
    return (
        "Accuracy: each volunteer’s share of right choices, averaged over volunteers. One final answer is "
        f"stored for each of {study.trial_count} trials; their order, and the order of the pictures on the "
        "screen, are drawn anew for each volunteer. Also: each choice, response time in milliseconds, "
        "plays of each clip."
    )


def _conditions(study: Study) -> str:
    arms = list(study.conditions.order_by("place"))
    if not arms:
        return "One condition: every volunteer takes the same trials."
    named = "; ".join(f"{arm.name} ({arm.get_music_display()})" for arm in arms)
    return f"{len(arms)} conditions between volunteers, assigned at random and in balance: {named}."


def _analyses(study: Study) -> str:
    first = (
        "Primary: one-sided t test over volunteers of their accuracy against chance, at the 5 % level; the "
        "accuracy is reported with a 95 % crossed-bootstrap interval over volunteers and trials (1,000 "
        "draws, seed 1). Secondary: exact permutation test that keeps answers and permutes truths within "
        "each volunteer; Fleiss’ kappa, Krippendorff’s alpha and Gwet’s AC1 with bootstrap intervals; "
        "exact tests of each volunteer and each trial after Holm; position bias, learning over the order "
        "and response times, all exploratory."
    )
    arms = list(study.conditions.order_by("place").values_list("name", flat=True))
    if len(arms) < 2:
        return first
    return (
        f"{first} Conditions: the difference in accuracy of each from {arms[0]}, with a crossed-bootstrap "
        "interval and a two-sided randomisation test."
    )


def _exclusions(study: Study) -> str:
    lines = [f"- {line}" for line in _rules(declared.rules(study))]
    if study.screening == Study.Screening.REQUIRED:
        lines.append("- Volunteers who do not pass the headphone check end before the first trial.")
    if not lines:
        return "Nobody is left out. No answer is trimmed or replaced."
    told = "\n".join(lines)
    return (
        f"Left out, in this order:\n\n{told}\n\nNo single answer is trimmed or replaced. Results are "
        "reported with and without these exclusions, with the number left out at each stage."
    )


def _rules(rules: Rules) -> Iterator[str]:
    """What each rule that is on leaves out, in the order in which rules are applied."""
    told = {
        "finished": "Sessions that did not reach the end.",
        "answers_at_least": "Sessions with fewer than {} answers.",
        "median_ms_at_least": "Sessions whose median response time is under {} ms.",
        "same_place_fewer_than": "Sessions that chose the same place on the screen in {} or more trials.",
        "plays_at_least": "Sessions that started a clip fewer than {} times.",
        "listens_at_least": "Sessions that heard a clip to its end fewer than {} times.",
        "headphones_passed": "Sessions that did not pass the headphone check.",
        "first_visit_only": "Sessions that began in a browser in which a visit had been finished before.",
    }
    for name, sentence in told.items():
        if value := getattr(rules, name):
            yield sentence.format(value)


def _sample(study: Study) -> str:
    looks, planned = declared.looks(study), study.planned_volunteers
    if planned is None:
        return "No number of volunteers has been declared for this study."
    said = f"{planned} volunteers, counted after exclusions."
    if looks is None:
        return f"{said} Results are tested once, when all of them have finished."
    levels = ", ".join(f"{n} (p < {p:.4f})" for n, p in zip(looks.volunteers, looks.levels, strict=True))
    return (
        f"{said} The primary test is made at {looks.looks} looks with bounds after {_bound(study)}, which "
        f"together keep the one-sided level of 5 %: at {levels} volunteers, in the order in which they "
        "finished. The study ends at the first look that passes its bound, else at the last."
    )


def _bound(study: Study) -> str:
    from analysis.sequential import NAMES

    return NAMES[study.stopping_rule]


def _else(study: Study) -> str:
    said = (
        f"Pictures: {study.data}; model: {study.model}; seed of the plan: {study.seed}; a clip must be heard "
        f"{study.minimum_listens} times before its answer is taken."
    )
    if study.content_hash:
        said += f" Design, texts and media are frozen under SHA-256 {study.content_hash}."
    return f"{said} Pilots and simulated volunteers are stored apart and are in no result."
