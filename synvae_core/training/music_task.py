"""MusicVAE in training: its objective, and the latent kept from collapsing."""

from __future__ import annotations

import math

import torch
from torch import Tensor, distributed, nn
from torch.nn.functional import softplus

from synvae_core.corpus import load_corpus
from synvae_core.melody.vocabulary import FIRST_ONSET, STEPS_PER_BAR
from synvae_core.metrics.music import density_ratio, onset_accuracy
from synvae_core.musicvae.config import VOCABULARY
from synvae_core.musicvae.lstm import Affine
from synvae_core.musicvae.model import MusicVae, drawn, kl_to_prior, melody_loss
from synvae_core.noise import Source, common, integers, normal, seeded, uniform
from synvae_core.training.config import MusicVaeRecipe
from synvae_core.training.device import CPU
from synvae_core.training.hearing import best_heard_first, excess, hear
from synvae_core.training.models import Stored, StoredMusicVae
from synvae_core.training.processes import summed
from synvae_core.training.schedule import ramped
from synvae_core.training.tasks import Figures, Parts, average, digest_of

VALIDATION_BATCH = 512
MOMENTUM = 0.1  # of running moments, BatchNorm1d's own


class MeanNorm(nn.Module):
    """Posterior means brought to one standard deviation over the batch, dimension by dimension (BN-VAE).

    `scale` (Z,) are those deviations. Over several processes the batch is all of theirs together.
    """

    scale: Tensor

    def __init__(self, scale: Tensor) -> None:
        super().__init__()
        self.register_buffer("scale", scale, persistent=False)
        self.norm = nn.BatchNorm1d(len(scale), affine=False)

    def forward(self, mean: Tensor) -> Tensor:  # (B, Z) -> (B, Z)
        if self.training and distributed.is_initialized():
            return self.scale * self._normalised_with_others(mean)
        normalised: Tensor = self.norm(mean)
        return self.scale * normalised

    def _normalised_with_others(self, mean: Tensor) -> Tensor:
        """What `norm` does, with moments (1 + 2 Z,), and so gradients, that are summed over all processes."""
        own = torch.cat((mean.new_tensor([len(mean)]), mean.sum(0), mean.square().sum(0)))
        count, first, second = summed(own).split([1, mean.shape[1], mean.shape[1]])
        centre = first / count
        variance = second / count - centre.square()
        with torch.no_grad():
            assert self.norm.running_mean is not None
            assert self.norm.running_var is not None
            self.norm.running_mean.lerp_(centre, MOMENTUM)
            self.norm.running_var.lerp_(variance * (count / (count - 1)), MOMENTUM)
            if self.norm.num_batches_tracked is not None:
                self.norm.num_batches_tracked.add_(1)
        return (mean - centre) / (variance + self.norm.eps).sqrt()

    def folded(self, head: Affine) -> tuple[Tensor, Tensor]:
        """Kernel and bias of the linear layer that does head and norm in one."""
        assert self.norm.running_mean is not None
        assert self.norm.running_var is not None
        gain = self.scale / (self.norm.running_var + self.norm.eps).sqrt()
        return head.kernel * gain, (head.bias - self.norm.running_mean) * gain

    @torch.no_grad()
    def let_pass(self) -> None:
        """Take means for normalised already: the running moments are those of the deviations asked for."""
        assert self.norm.running_mean is not None
        assert self.norm.running_var is not None
        self.norm.running_mean.zero_()
        asked = self.scale.square() - self.norm.eps
        self.norm.running_var.copy_(asked.where(self.scale > 0, 1))


class _Trained(nn.Module):
    """The network, with its posterior held to the prior in all but the recipe's `active` first dimensions."""

    active: Tensor

    def __init__(self, recipe: MusicVaeRecipe) -> None:
        super().__init__()
        self.music = MusicVae(recipe.model)
        active = torch.arange(recipe.model.latent) < (recipe.active or recipe.model.latent)
        self.register_buffer("active", active, persistent=False)
        self.mean_norm = MeanNorm(recipe.mean_scale * active)
        nn.init.constant_(self.music.encoder.sigma.bias, _before_softplus(recipe.first_deviation))
        nn.init.xavier_normal_(self.music.encoder.mu.kernel)

    def encode(self, before: Tensor) -> tuple[Tensor, Tensor]:
        encoder = self.music.encoder
        summary = encoder.summary(before)
        deviation = softplus(encoder.sigma(summary))
        return self.mean_norm(encoder.mu(summary)), torch.where(self.active, deviation, 1.0)

    def means(self, melodies: Tensor) -> Tensor:
        """Posterior means (B, Z) of melodies (B, T, 90)."""
        return self.encode(melodies)[0]

    @torch.no_grad()
    def turn(self, rotation: Tensor) -> None:
        """Rotate the latent space: what was z is z @ rotation (Z, Z) from now on.

        Deviations are of single latents, so theirs are turned only about: those that are mixed lie close
        together, and training goes on.
        """
        music = self.music
        kernel, bias = self.mean_norm.folded(music.encoder.mu)
        music.encoder.mu.kernel.copy_(kernel @ rotation)
        music.encoder.mu.bias.copy_(bias @ rotation)
        self.mean_norm.let_pass()
        for parameter in music.encoder.sigma.parameters():
            parameter.copy_(parameter @ rotation.square())
        music.decoder.turn(rotation)

    def folded(self) -> dict[str, Tensor]:
        """The music network's variables with all this in its two linear heads: a plain MusicVAE again."""
        kernel, bias = self.mean_norm.folded(self.music.encoder.mu)
        sigma = self.music.encoder.sigma
        return self.music.state_dict() | {
            "encoder.mu.kernel": kernel,
            "encoder.mu.bias": bias,
            "encoder.sigma.kernel": sigma.kernel * self.active,
            "encoder.sigma.bias": torch.where(self.active, sigma.bias, _before_softplus(1.0)),
        }


def _before_softplus(value: float) -> float:
    return math.log(math.expm1(value))


def transposed(symbols: Tensor, by: Tensor) -> Tensor:
    """Melodies (B, T) with their notes moved by (B,) semitones; one that would leave the range stays put."""
    notes = symbols >= FIRST_ONSET
    moved = torch.where(notes, symbols + by.unsqueeze(1), symbols)
    fits = ~(notes & ((moved < FIRST_ONSET) | (moved >= VOCABULARY))).any(dim=1, keepdim=True)
    return torch.where(fits, moved, symbols)


class MusicVaeTask:
    """Melody windows of the corpus, and MusicVAE's objective with free bits."""

    def __init__(self, recipe: MusicVaeRecipe, device: torch.device = CPU) -> None:
        self.recipe, self.device = recipe, device
        corpus = load_corpus(recipe.model.steps // STEPS_PER_BAR)
        self.train = torch.from_numpy(corpus.train).long().to(device)
        self.held_out = torch.from_numpy(corpus.validation).long().to(device)
        self.examples = len(self.train)
        self.network = _Trained(recipe).to(device)

    def inputs(self) -> dict[str, str]:
        return {"the corpus": digest_of(self.train.cpu().numpy().tobytes())}

    def names(self, chosen: Tensor) -> tuple[str, ...]:
        return tuple(f"corpus-train-{index:06d}" for index in chosen.tolist())

    def expect(self, chosen: Tensor, step: int) -> None:
        pass  # all of the corpus is in memory

    def loss(self, chosen: Tensor, step: int, noise: Source) -> tuple[Tensor, Parts]:
        symbols = self._augment(self._crop(self.train[chosen.to(self.device)], step, noise), noise)
        before = self.network.music.teacher(symbols)
        hidden = uniform(before[..., :1], noise) < self.recipe.symbol_dropout
        beta = ramped(self.recipe.beta, self.recipe.beta_ramp, step)
        if step == self.recipe.hears_from:
            self._turn()
        if step >= self.recipe.hears_from:
            self.network.mean_norm.eval()  # it has done its work, and knows nothing of own melodies
        objective = self._objective(symbols, before.masked_fill(hidden, 0), beta, noise)
        return objective if step < self.recipe.hears_from else self._hear(*objective, symbols, noise)

    def _turn(self) -> None:
        self.network.eval()
        music, means = self.network.music, self.network.means
        self.network.turn(best_heard_first(music, means, self.recipe.carrying))
        self.network.train()

    def _hear(self, total: Tensor, figures: Parts, symbols: Tensor, noise: Source) -> tuple[Tensor, Parts]:
        """Add to the objective how badly as many of its own melodies are heard, if the recipe asks it."""
        hearing, network = self.recipe.hearing, self.network
        if hearing is None:
            return total, figures
        z = normal(network.music.encoder.mu.bias.new_zeros(len(symbols), self.recipe.model.latent), noise)
        heard = hear(network.music, network.means, z, hearing)
        distance, more = heard.distance.mean(), excess(heard.notes, symbols)
        total = total + hearing.weight * distance + hearing.notes * more.square()
        own = {"loss": total, "misheard": distance, "excess_notes": more}
        return total, figures | {name: figure.detach() for name, figure in own.items()}

    def _objective(self, symbols: Tensor, before: Tensor, beta: float, noise: Source) -> tuple[Tensor, Parts]:
        mean, deviation = self.network.encode(_one_hot(symbols))
        z = mean + deviation * normal(mean, noise)
        error = melody_loss(self.network.music.logits(z, before).float(), symbols).mean()
        kl = kl_to_prior(mean, deviation)
        total = error + beta * (kl - self.recipe.free_bits * math.log(2)).clamp(min=0).mean()
        figures = {"loss": total, "cross_entropy": error, "kl": kl.mean()}
        return total, {name: figure.detach() for name, figure in figures.items()}

    def _crop(self, symbols: Tensor, step: int, noise: Source) -> Tensor:
        """The stage's number of bars, cut at a bar line that is drawn for the whole batch."""
        for stage in self.recipe.first_stages:
            if step < stage.steps:
                bars = symbols.shape[1] // STEPS_PER_BAR
                first = int(torch.randint(bars - stage.bars + 1, (1,), generator=common(noise)))
                return symbols[:, first * STEPS_PER_BAR : (first + stage.bars) * STEPS_PER_BAR]
            step -= stage.steps
        return symbols

    def _augment(self, symbols: Tensor, noise: Source) -> Tensor:
        low, high = self.recipe.transpose
        return transposed(symbols, integers(low, high + 1, symbols[:, 0], noise))

    @torch.no_grad()
    def validate(self) -> Figures:
        """Loss with nothing hidden, onsets of greedy melodies, density of prior samples, own ears."""
        batches, generator, rows, played = self.held_out.split(VALIDATION_BATCH), seeded(1), [], []
        for symbols in batches:
            teacher = self.network.music.teacher(symbols)
            objective = self._objective(symbols, teacher, self.recipe.beta, generator)
            rows.append(self._hear(*objective, symbols, generator)[1])
            played.append(self.network.music.play(self.network.encode(_one_hot(symbols))[0]))
        figures = average(rows, [len(symbols) for symbols in batches])
        z = torch.randn(VALIDATION_BATCH, self.recipe.model.latent, generator=generator).to(self.device)
        sampled = self.network.music.play(z, drawn(generator=generator))
        truth = self.held_out.numpy(force=True)
        figures["onset_accuracy"] = onset_accuracy(truth, torch.cat(played).numpy(force=True))
        figures["density_ratio"] = density_ratio(sampled.numpy(force=True), truth)
        return figures

    def export(self) -> tuple[Stored, dict[str, Tensor]]:
        return StoredMusicVae(model=self.recipe.model), self.network.folded()


def _one_hot(symbols: Tensor) -> Tensor:
    return torch.nn.functional.one_hot(symbols, VOCABULARY).float()
