"""Networks built without numbers: every shape there, no memory taken, no compiler loaded."""

import subprocess
import sys

import torch

from synvae_core.classifier import Classifier, ClassifierConfig
from synvae_core.musicvae.config import CONFIGS
from synvae_core.musicvae.model import MusicVae
from synvae_core.unfilled import unfilled
from synvae_core.visvae import VisVae, VisVaeConfig


def test_every_parameter_has_its_shape_and_no_memory() -> None:
    configs = [VisVaeConfig(kind=kind, latent=6) for kind in ("mnist", "cifar", "bam")]
    judge = ClassifierConfig(class_names=("a", "b"))
    with unfilled():
        bare = [*map(VisVae, configs), Classifier(judge), MusicVae(CONFIGS["earsight-mel_4bar"])]
    full = [*map(VisVae, configs), Classifier(judge), MusicVae(CONFIGS["earsight-mel_4bar"])]
    for one, other in zip(bare, full, strict=True):
        assert {tensor.device for tensor in one.state_dict().values()} == {torch.device("meta")}
        shapes = [{name: t.shape for name, t in net.state_dict().items()} for net in (one, other)]
        assert shapes[0] == shapes[1]


def test_outside_the_block_weights_are_drawn_again() -> None:
    with unfilled():
        VisVae(VisVaeConfig(latent=2))
    assert any(parameter.abs().sum() > 0 for parameter in VisVae(VisVaeConfig(latent=2)).parameters())


def test_opening_a_model_does_not_load_torch_s_compiler() -> None:
    code = (
        "import sys; from synvae_core.unfilled import unfilled; "
        "from synvae_core.musicvae.model import MusicVae; from synvae_core.musicvae.config import CONFIGS; "
        "from synvae_core.visvae import VisVae, VisVaeConfig\n"
        "with unfilled(): MusicVae(CONFIGS['earsight-mel_4bar']), VisVae(VisVaeConfig())\n"
        "print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
