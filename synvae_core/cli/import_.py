"""Import a published MusicVAE: TensorFlow checkpoints and Magenta.js folders become a model of ours."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from synvae_core.cli.arguments import at_least_one
from synvae_core.cli.output import print_json

if TYPE_CHECKING:
    from synvae_core.importing import Imported

EXAMPLES = """  python -m synvae_core import cat-mel_2bar_big.tar -o var/models/music/cat-2bar
  python -m synvae_core import hierdec-mel_16bar.ckpt.index -o music --config hierdec-mel_4bar
  python -m synvae_core import mel_4bar_med_q2/ -o music      a Magenta.js folder
then in a recipe of task synvae: 'music: var/models/music/cat-2bar'"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The source, the folder, and what the shapes cannot tell."""
    parser.add_argument(
        "source",
        type=Path,
        help="a TensorFlow checkpoint (its .index, its folder, or a .tar or .tar.gz of it), or a folder with "
        "weights_manifest.json",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, help="the folder to write the model into")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--config", help="a published configuration, such as hierdec-mel_4bar")
    length.add_argument("--bars", type=at_least_one, help="how many bars a melody has, if nothing else tells")


def run(arguments: argparse.Namespace) -> int:
    """Imports, writes the model's folder and says what was found."""
    from synvae_core.importing import import_musicvae
    from synvae_core.training.models import StoredMusicVae, save_model, weights_digest

    _refuse_other_models(arguments.output)
    imported = import_musicvae(arguments.source, config=arguments.config, bars=arguments.bars)
    save_model(arguments.output, StoredMusicVae(model=imported.config), imported.model.state_dict())
    digest = weights_digest(arguments.output)
    if arguments.json:
        print_json(_report(arguments.source, arguments.output, imported, digest))
    else:
        print(f"{arguments.source}: {imported.kind}, {_sizes(imported)}")
        if imported.left_out:
            print(f"  left out: {len(imported.left_out)} others, such as {imported.left_out[0]}")
        print(f"{arguments.output}: model.safetensors (SHA-256 {digest[:16]}...) and config.json")
    return 0


def _refuse_other_models(folder: Path) -> None:
    """Raises ImportFailed where a model of another kind would be written over."""
    from synvae_core.importing import ImportFailed
    from synvae_core.training.models import read_config

    if (folder / "config.json").exists() and (kind := read_config(folder.resolve()).kind) != "musicvae":
        raise ImportFailed(f"{folder} holds a {kind}: give another folder for the music model.")


def _report(source: Path, folder: Path, imported: Imported, digest: str) -> dict[str, object]:
    return {
        "source": str(source),
        "kind": imported.kind,
        "folder": str(folder),
        "published_as": imported.published_as,
        "config": imported.config.model_dump(),
        "variables": imported.variables,
        "parameters": _parameters(imported),
        "left_out": imported.left_out,
        "sha256": digest,
    }


def _parameters(imported: Imported) -> int:
    return sum(parameter.numel() for parameter in imported.model.parameters())


def _sizes(imported: Imported) -> str:
    """What the model is, in one line."""
    config = imported.config
    bars = f"{config.bars} bars under a conductor" if config.bars else f"{config.steps} steps"
    widths = f"encoder {_widths(config.encoder)}, decoder {_widths(config.decoder)}"
    counts = f"{imported.variables} variables, {_parameters(imported):,} parameters"
    return f"{imported.published_as or 'a MusicVAE'} ({bars}, latent {config.latent}, {widths}; {counts})"


def _widths(widths: tuple[int, ...]) -> str:
    return " + ".join(map(str, widths))
