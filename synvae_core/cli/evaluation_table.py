"""An evaluation as tables for people."""

from __future__ import annotations

from synvae_core.metrics.classification import Classification
from synvae_core.metrics.evaluate import Evaluation
from synvae_core.metrics.measuring import TEN, PathMetrics
from synvae_core.metrics.mutual_information import MutualInformation

HARDEST = 3


def print_tables(evaluation: Evaluation) -> None:
    """The figures of each path, what is seen least often, and with --full what melodies carry."""
    paths = {
        "VisVAE": evaluation.visvae,
        "SynVAE, latent path": evaluation.synvae.latent,
        "SynVAE, audible path": evaluation.synvae.audible,
    }
    _print_paths(paths)
    _print_precisions(paths)
    hardest = _hardest(evaluation.synvae.audible.judged)
    print(f"Seen least often on the audible path: {hardest}")
    _print_trained(paths)
    music = evaluation.music
    print(f"MusicVAE: onset accuracy {music.onset_accuracy:.3f}, density ratio {music.density_ratio:.2f}")


def _print_paths(paths: dict[str, PathMetrics]) -> None:
    print(
        f"{'':22s}{'MSE':>8s}{'KL':>8s}{'P@10 drawn':>12s}{'P@10 mean':>11s}{'accuracy':>10s}  {'95 %':14s}"
        "  one-vs-rest"
    )
    for name, m in paths.items():
        print(
            f"{name:22s}{m.mse:8.2f}{m.kl:8.1f}{_share(m.p10_sampled):>12s}{_share(m.p10_mean):>11s}"
            f"{m.accuracy:10.3f}  {_range(m.judged.interval)}  {m.judged.mean_one_vs_rest_accuracy:11.3f}"
        )


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _print_precisions(paths: dict[str, PathMetrics]) -> None:
    ranks = [precision.n for precision in next(iter(paths.values())).precision_mean]
    if TEN not in ranks:
        print(f"P@{TEN} is left out: it asks for {TEN} neighbours, so give more than {TEN} images.")
    if not ranks:
        return
    print(f"{'P@n of means':22s}" + "".join(f"{f'n = {n}':>9s}" for n in ranks))
    for name, m in paths.items():
        errors = [p.standard_error for p in m.precision_mean]
        about = f"  +- {max(errors):.3f}, {m.precision_mean[0].queries} asked" if any(errors) else ""
        print(f"{name:22s}" + "".join(f"{p.value:9.3f}" for p in m.precision_mean) + about)


def _hardest(judged: Classification) -> str:
    known = [(r, c) for r, c in zip(judged.recall, judged.class_names, strict=True) if r is not None]
    return ", ".join(f"{name} ({recall:.3f})" for recall, name in sorted(known)[:HARDEST])


def _print_trained(paths: dict[str, PathMetrics]) -> None:
    for name, m in paths.items():
        if m.own_judge:
            print(f"{name}, by a judge of its own reconstructions: {_accuracy(m.own_judge)}")
    for name, m in paths.items():
        if m.mutual_information:
            print(f"{name}, I(z_v; z_a): {_information(m.mutual_information)}")
    for m in paths.values():
        if m.melodies:
            print(f"Melodies alone: {_accuracy(m.melodies)}")


def _accuracy(found: Classification) -> str:
    return (
        f"accuracy {found.accuracy:.3f} ({_range(found.interval)}), "
        f"one-vs-rest {found.mean_one_vs_rest_accuracy:.3f}"
    )


def _information(found: MutualInformation) -> str:
    bounds = f"at least {found.demine_bernstein:.2f} with 95 % confidence (DEMINE {found.demine:.2f})"
    text = f"{found.donsker_varadhan:.2f} nats ({_range(found.interval, 2)}), {bounds}"
    if found.paper_style:
        text += f"; the paper's way {found.paper_style.value:.2f} of at most {found.paper_style.ceiling:.2f}"
    return text


def _range(interval: tuple[float, float], digits: int = 3) -> str:
    return " to ".join(f"{value:.{digits}f}" for value in interval)
