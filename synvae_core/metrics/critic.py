"""The critic of mutual information: a net that scores how well x and y belong together."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from synvae_core.metrics.canonical import canonical
from synvae_core.visvae import keras_init


class Critic(nn.Module):
    """T(x, y) = bound * tanh(t(x, y) / bound), in [-bound, bound], for all pairs of a batch at once.

    t begins as ln p(x, y) / (p(x) p(y)) of Gaussians with the sample's canonical correlations r: the sum over
    directions of -ln(1 - r^2) / 2 + (r u v - r^2 (u^2 + v^2) / 2) / (1 - r^2). What is not Gaussian is left
    to f(x) . g(y) + a(x) + b(y), where f, a and g, b are two nets with two hidden layers that see the
    directions u, v and all of x, y. Everything but directions and scales is trained.
    """

    def __init__(
        self,
        x: Tensor,
        y: Tensor,
        *,
        directions: int = 64,
        hidden: int = 256,
        features: int = 32,
        bound: float = 8.0,
    ) -> None:
        """`x` (N, D) and `y` (N, E) are the training sample, which sets sizes, scales and directions."""
        super().__init__()
        self.bound = bound
        self.of_x, self.of_y = _Side(x), _Side(y)
        found = canonical(self.of_x.scaled(x), self.of_y.scaled(y), directions)
        self.of_x.complete(found.of_x, found.correlations, hidden, features)
        self.of_y.complete(found.of_y, found.correlations, hidden, features)
        self.constant = nn.Parameter(-0.5 * torch.log1p(-found.correlations.square()).sum())

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """x (B, D), y (C, E) -> the scores of all pairs (B, C)."""
        (f, a), (g, b) = self.of_x(x), self.of_y(y)
        return self.bound * torch.tanh((f @ g.T + a + b.T + self.constant) / self.bound)


class _Side(nn.Module):
    """One of the two variables: (B, D) -> factors (B, K + F) and a number of its own (B, 1)."""

    mean: Tensor
    scale: Tensor
    directions: Tensor

    def __init__(self, sample: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", sample.mean(dim=0))
        # A dimension that never moves says nothing, and must not be blown up.
        self.register_buffer("scale", sample.std(dim=0).clamp(min=1e-6))

    def complete(self, directions: Tensor, correlations: Tensor, hidden: int, features: int) -> None:
        """Sets the Gaussian part, and a net whose first word is quiet beside it."""
        unexplained = 1 - correlations.square()
        self.register_buffer("directions", directions)
        self.weights = nn.Parameter((correlations / unexplained).sqrt())  # (K,)
        self.squares = nn.Parameter(-correlations.square() / (2 * unexplained))  # (K,)
        last = nn.Linear(hidden, features + 1)
        self.net = nn.Sequential(
            nn.Linear(sum(directions.shape), hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            last,
        ).apply(keras_init)
        with torch.no_grad():
            last.weight.mul_(0.1)

    def scaled(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.scale

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        scaled = self.scaled(x)
        u = scaled @ self.directions  # (B, K)
        bent = self.net(torch.cat([u, scaled], dim=1))
        factors = torch.cat([u * self.weights, bent[:, :-1]], dim=1)
        return factors, bent[:, -1:] + (u.square() @ self.squares).unsqueeze(1)
