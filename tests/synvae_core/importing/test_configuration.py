"""Which model a set of variables is: read off the shapes, told by the user, or refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from synvae_core.importing import ImportFailed
from synvae_core.importing.configuration import find_config
from synvae_core.importing.variables import Shape, Variables
from synvae_core.musicvae.config import CONFIGS, MusicVaeConfig
from tests.synvae_core.importing.written import FLAT, HIERARCHICAL, weights


def found(
    shapes: dict[str, Shape],
    name: str | None = None,
    bars: int | None = None,
    called: str = "x",
    **config: Any,
) -> MusicVaeConfig:
    return find_config(Variables(shapes, config), name, bars, called)


def shapes_of(config: MusicVaeConfig) -> dict[str, Shape]:
    return {name: array.shape for name, array in weights(config).items()}


def melodies(**arguments: object) -> dict[str, Any]:
    """What config.json says of a model of melodies."""
    return {"type": "MusicVAE", "dataConverter": {"type": "MelodyConverter", "args": arguments}}


def test_shapes_and_bars_give_the_whole_configuration() -> None:
    assert found(shapes_of(FLAT), bars=2) == FLAT
    assert found(shapes_of(HIERARCHICAL), bars=4) == HIERARCHICAL


@pytest.mark.parametrize("called", ["my-mel_4bar.tar", "mel_4bar_med", "4bar"])
def test_the_length_may_be_in_the_name(called: str) -> None:
    assert found(shapes_of(HIERARCHICAL), called=called) == HIERARCHICAL


def test_the_length_may_be_in_config_json() -> None:
    assert found(shapes_of(FLAT), **melodies(numSteps=32)) == FLAT
    assert found(shapes_of(HIERARCHICAL), **melodies(numSteps=64, numSegments=4)) == HIERARCHICAL
    three = found(shapes_of(HIERARCHICAL), bars=3, **melodies(numSteps=64, numSegments=4))
    assert (three.steps, three.bars) == (48, 3)


def test_nothing_that_tells_the_length_asks_for_it() -> None:
    with pytest.raises(ImportFailed, match="give --bars with their number of bars"):
        found(shapes_of(FLAT))


@pytest.mark.parametrize("name", ["cat-mel_2bar_big", "hierdec-mel_16bar"])
def test_published_models_are_known_by_their_shapes(name: str, fixtures_dir: Path) -> None:
    recorded = json.loads((fixtures_dir / "magenta/full_size_variables.json").read_text())[name]["variables"]
    shapes = {variable: tuple(shape) for variable, shape in recorded.items()}
    assert found(shapes, called=f"{name}.tar") == CONFIGS[name]
    if name.startswith("cat"):  # no other model has these shapes
        assert found(shapes) == CONFIGS[name]
    else:
        with pytest.raises(
            ImportFailed, match="--config hierdec-mel_4bar, hierdec-mel_8bar, hierdec-mel_16bar"
        ):
            found(shapes)


def test_a_name_decides_and_an_unknown_one_lists_the_known() -> None:
    assert found(shapes_of(FLAT), "cat-mel_2bar_small") == CONFIGS["cat-mel_2bar_small"]
    with pytest.raises(
        ImportFailed, match=r"There is no configuration polka; there are cat-mel_2bar_small, "
    ):
        found(shapes_of(FLAT), "polka")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"core_decoder/core_decoder_0/decoder/output_projection/bias": (90,)}, "has several instruments"),
        ({"encoder/hierarchical_level_0/cell_0/kernel": (9, 9)}, "has a hierarchical encoder"),
        ({"decoder/nade/w_enc": (9, 1, 9)}, "has drums"),
        ({"decoder/output_projection/bias": (512,)}, "chooses among 512 symbols, and a melody has 90"),
        (
            {"encoder/cell_0/bidirectional_rnn/fw/multi_rnn_cell/cell_0/lstm_cell/kernel": (90 + 49 + 5, 20)},
            r"reads 49 numbers beside the melody at each step \(chords",
        ),
        ({"decoder/multi_rnn_cell/cell_0/lstm_cell/bias": (4, 4)}, "no MusicVAE has such sizes"),
        ({"encoder/mu/bias": (0,)}, "no MusicVAE has such sizes"),
    ],
)
def test_other_models_are_refused_with_what_they_are(changes: dict[str, Shape], sentence: str) -> None:
    with pytest.raises(ImportFailed, match=sentence):
        found(shapes_of(FLAT) | changes, bars=2)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"type": "MusicRNN"}, "describes a MusicRNN with no data converter"),
        ({"type": "MusicVAE", "dataConverter": {"type": "DrumsConverter"}}, "a MusicVAE with DrumsConverter"),
        ({"type": "MusicVAE", "dataConverter": []}, "no data converter"),
        (melodies(numSteps=32) | {"chordEncoder": "PitchChordEncoder"}, "conditioned on chords"),
        (melodies(numSteps=32, minPitch=48, maxPitch=83), "the pitches 48 to 83; ours are 21 to 108"),
        (melodies(numSteps="many"), "a melody has many steps"),
        (melodies(numSteps=10**9), "a melody has 1000000000 steps"),
        (melodies(numSteps=33), "a melody has 33 steps; whole bars have a multiple of 16"),
    ],
)
def test_a_config_json_of_something_else_is_refused(config: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ImportFailed, match=sentence):
        found(shapes_of(FLAT), **config)


def test_bars_that_do_not_divide_the_steps_are_refused() -> None:
    with pytest.raises(ImportFailed, match="64 steps cannot be cut into 7 equal bars"):
        found(shapes_of(HIERARCHICAL), **melodies(numSteps=64, numSegments=7))


def test_weights_of_no_musicvae_are_refused_with_some_of_their_names() -> None:
    with pytest.raises(ImportFailed, match="The first of 2 variables: conv2d/bias, conv2d/kernel"):
        found({"conv2d/kernel": (3, 3, 1, 8), "conv2d/bias": (8,)})
    with pytest.raises(ImportFailed, match="The first of 0 variables: none"):
        found({})
