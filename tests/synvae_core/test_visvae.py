"""The visual nets against a recorded run of the original (outputs, loss, gradients) and its layer tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from pydantic import ValidationError

from synvae_core import keras_names, visvae
from synvae_core.visvae import Kind, VisVae, VisVaeConfig, channels_first

FIXTURES = Path(__file__).parent.parent / "fixtures" / "visual"
TOLERANCE = 1e-4


def weight_of(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The recipe by which the recorded run drew its weights."""
    values = np.random.RandomState(int(hashlib.md5(name.encode()).hexdigest()[:8], 16)).randn(*shape)
    if name.endswith("bias"):
        bias: NDArray[np.float32] = (0.1 * values).astype(np.float32)
        return bias
    fan = shape[0] * shape[1] * shape[3] if "transpose" in name else int(np.prod(shape[:-1]))
    kernel: NDArray[np.float32] = (1.4 / np.sqrt(fan) * values).astype(np.float32)
    return kernel


@pytest.fixture
def recorded() -> Mapping[str, NDArray[np.float32]]:
    with np.load(FIXTURES / "mnist_tiny_io.npz") as archive:
        return {name: archive[name] for name in archive.files}


@pytest.fixture
def net() -> VisVae:
    shapes = json.loads((FIXTURES / "mnist_tiny_vars.json").read_text())
    model = VisVae(VisVaeConfig(kind="mnist", latent=16))
    keras_names.import_variables(model, {n: weight_of(n, tuple(s)) for n, s in shapes.items()})
    return model


def test_outputs_equal_the_recorded_ones(net: VisVae, recorded: Mapping[str, NDArray[np.float32]]) -> None:
    with torch.no_grad():
        mean, logvar = net.encode(channels_first(recorded["images"]))
        z = mean + (0.5 * logvar).exp() * torch.from_numpy(recorded["eps"])
        decoded = net.decode(z).permute(0, 2, 3, 1)
    for name, ours in {"mu": mean, "logvar": logvar, "z": z, "recon": decoded}.items():
        np.testing.assert_allclose(ours.numpy(), recorded[name], atol=TOLERANCE, err_msg=name)


def test_loss_and_every_gradient_equal_the_recorded_ones(
    net: VisVae, recorded: Mapping[str, NDArray[np.float32]]
) -> None:
    x = channels_first(recorded["images"])
    mean, logvar = net.encode(x)
    z = mean + (0.5 * logvar).exp() * torch.from_numpy(recorded["eps"])
    loss = visvae.loss(x, net.decode(z), mean, logvar, beta=float(recorded["beta"]))
    loss.total.backward()
    assert loss.total.item() == pytest.approx(float(recorded["loss"]), rel=1e-6)
    assert loss.reconstruction.item() == pytest.approx(float(recorded["recon_loss"]), rel=1e-6)
    assert loss.kl.item() == pytest.approx(float(recorded["latent_loss"]), rel=1e-6)
    ours = keras_gradients(net)
    wanted = {name.removeprefix("grad:"): g for name, g in recorded.items() if name.startswith("grad:")}
    assert wanted.keys() <= ours.keys()
    for name, gradient in wanted.items():
        np.testing.assert_allclose(ours[name], gradient, atol=TOLERANCE, rtol=1e-6, err_msg=name)


def keras_gradients(model: VisVae) -> dict[str, NDArray[np.float32]]:
    gradients = {}
    for name, parameter in keras_names.parameters(model):
        assert parameter.grad is not None
        gradients[name] = keras_names.to_keras(parameter.grad).numpy()
    return gradients


@pytest.fixture(scope="module")
def layer_tables() -> dict[str, Any]:
    tables: dict[str, Any] = json.loads((FIXTURES / "visual_layers.json").read_text())
    return tables


ORIGINALS: list[tuple[str, Kind, int]] = [
    ("mnist_50", "mnist", 50),
    ("mnist_512", "mnist", 512),
    ("cifar_512", "cifar", 512),
    ("bam_512", "bam", 512),
]


@pytest.mark.parametrize(("table", "kind", "latent"), ORIGINALS)
def test_every_layer_has_the_originals_shape_and_the_dead_one_is_gone(
    layer_tables: dict[str, Any], table: str, kind: Kind, latent: int
) -> None:
    model = VisVae(VisVaeConfig(kind=kind, latent=latent))
    ours = {name: list(keras_names.to_keras(p).shape) for name, p in keras_names.parameters(model)}
    original = layer_tables[table]
    weights = {n: s for layer in original["layers"] for n, s in layer["weights"].items()}
    live = {n: s for n, s in weights.items() if n not in original["dead_variables"]}
    assert ours == live
    parameters = sum(p.numel() for p in model.parameters())
    assert parameters == original["total_params"] - original["dead_params"]


@pytest.mark.parametrize("kind", get_args(Kind))
def test_an_image_comes_back_in_its_own_shape_and_range(kind: Kind) -> None:
    config = VisVaeConfig(kind=kind, latent=5, widths=(3,) * len(visvae.LAYOUTS[kind].widths))
    height, width, channels = config.image_shape
    image = torch.rand(2, channels, height, width, generator=torch.Generator().manual_seed(1))
    decoded, mean, logvar = VisVae(config)(image)
    assert decoded.shape == image.shape
    assert mean.shape == logvar.shape == (2, 5)
    assert 0 <= decoded.min() <= decoded.max() <= 1


@pytest.mark.parametrize(("table", "kind", "latent"), ORIGINALS)
def test_convolutions_have_the_originals_sizes(
    layer_tables: dict[str, Any], table: str, kind: Kind, latent: int
) -> None:
    model = VisVae(VisVaeConfig(kind=kind, latent=latent))
    height, width, channels = model.config.image_shape
    x, sizes = torch.zeros(4, channels, height, width), []
    for layer in model.features.layers:
        x = layer(x)
        sizes.append([str(n) for n in x.permute(0, 2, 3, 1).shape])
    assert sizes == [row["out"] for row in layer_tables[table]["layers"] if row["layer"] == "Conv2D"]


def test_first_weights_are_glorot_uniform_with_zero_biases() -> None:
    torch.manual_seed(0)
    layer = VisVae(VisVaeConfig(kind="mnist")).mean
    limit = (6 / (2304 + 512)) ** 0.5
    assert layer.bias.abs().max() == 0
    assert layer.weight.abs().max().item() == pytest.approx(limit, rel=1e-3)
    assert layer.weight.std().item() == pytest.approx(limit / 3**0.5, rel=1e-2)


def test_kl_of_the_prior_is_nothing_and_matches_torch_distributions_elsewhere() -> None:
    generator = torch.Generator().manual_seed(3)
    mean, logvar = torch.randn(4, 6, generator=generator), torch.randn(4, 6, generator=generator)
    prior = torch.distributions.Normal(0.0, 1.0)
    posterior = torch.distributions.Normal(mean, (0.5 * logvar).exp())
    expected = torch.distributions.kl_divergence(posterior, prior).sum(dim=1)
    torch.testing.assert_close(visvae.kl_to_prior(mean, logvar), expected)
    assert visvae.kl_to_prior(torch.zeros(2, 6), torch.zeros(2, 6)).tolist() == [0.0, 0.0]


def test_reconstruction_error_sums_over_pixels_and_keeps_images_apart() -> None:
    x = torch.zeros(2, 1, 2, 2)
    y = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]], [[[1.0, 2.0], [0.0, 0.0]]]])
    assert visvae.reconstruction_error(x, y).tolist() == [1.0, 5.0]


def test_sampling_is_repeated_by_its_generator() -> None:
    net = VisVae(VisVaeConfig(kind="mnist", latent=4, widths=(2, 2)))
    mean, logvar = torch.ones(3, 4), torch.zeros(3, 4)
    draws = [net.sample(mean, logvar, torch.Generator().manual_seed(seed)) for seed in (7, 7, 8)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


def test_unknown_keys_and_wrong_widths_are_refused() -> None:
    with pytest.raises(ValidationError, match="latents"):
        VisVaeConfig.model_validate({"kind": "mnist", "latents": 4})
    with pytest.raises(ValidationError, match="2 positive numbers"):
        VisVaeConfig(kind="mnist", widths=(3,))


def test_importing_weights_of_another_latent_size_says_which_variable() -> None:
    net = VisVae(VisVaeConfig(kind="mnist", latent=4))
    other = VisVae(VisVaeConfig(kind="mnist", latent=5))
    variables = {n: keras_names.to_keras(p.detach()).numpy() for n, p in keras_names.parameters(other)}
    with pytest.raises(keras_names.WeightsDoNotFit, match=r"dense/kernel has shape \(2304, 5\)"):
        keras_names.import_variables(net, variables)
    del variables["conv2d/bias"]
    with pytest.raises(keras_names.WeightsDoNotFit, match="conv2d/bias"):
        keras_names.import_variables(net, variables)
