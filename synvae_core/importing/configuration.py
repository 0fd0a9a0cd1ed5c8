"""Which MusicVAE a set of variables is, read off their names and shapes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from synvae_core.importing.variables import ImportFailed, Shape, Variables
from synvae_core.melody import STEPS_PER_BAR
from synvae_core.melody.vocabulary import CLASSES, MAX_PITCH, MIN_PITCH
from synvae_core.musicvae.config import CONFIGS, MOST_STEPS, MusicVaeConfig

ENCODER = "encoder/cell_{}/bidirectional_rnn/fw/multi_rnn_cell/cell_0/lstm_cell"
FLAT, HIERARCHICAL = "decoder/", "core_decoder/decoder/"
CONDUCTOR = "decoder/hierarchical_level_0/"
CELL = "multi_rnn_cell/cell_{}/lstm_cell"

# What only other kinds of MusicVAE have, and what they are.
OTHERS = {
    "core_decoder/core_decoder_": "several instruments at once (a trio or an ensemble)",
    "encoder/hierarchical_level_": "a hierarchical encoder, whose melodies cannot be read by ours",
    "nade/": "drums",
}
MOST_BARS = MOST_STEPS // STEPS_PER_BAR


def find_config(variables: Variables, name: str | None, bars: int | None, called: str) -> MusicVaeConfig:
    """The configuration called `name`, or the one that the shapes say.

    How long the melodies are is in no shape: it is taken from `bars`, else from what the source says itself,
    else from what it is `called` ("...16bar..."), else from the one published configuration of these shapes.
    Raises ImportFailed for another vocabulary and for a length that nothing tells.
    """
    _refuse_other_converters(variables.config)
    _refuse_other_kinds(variables.shapes)
    if name is not None:
        return _published(name)
    sizes = _sizes(variables.shapes)
    if bars is not None:
        return _of_bars(sizes, bars)
    if "numSteps" in (arguments := _arguments(variables.config)):
        return _of_arguments(sizes, arguments)
    if told := re.search(r"(?<!\d)(\d{1,3})[-_ ]?bar", called):
        return _of_bars(sizes, int(told[1]))
    return _by_shape(sizes)


def _published(name: str) -> MusicVaeConfig:
    if name not in CONFIGS:
        raise ImportFailed(f"There is no configuration {name}; there are {', '.join(CONFIGS)}.")
    return CONFIGS[name]


def _sizes(shapes: Mapping[str, Shape]) -> MusicVaeConfig:
    """The widths and the latent; the length is one bar until it is known."""
    hierarchical = any(name.startswith(CONDUCTOR) for name in shapes)
    decoder = HIERARCHICAL if hierarchical else FLAT
    encoder_widths, decoder_widths = list(_widths(shapes, ENCODER)), list(_widths(shapes, decoder + CELL))
    latent = shapes.get("encoder/mu/bias", ())
    if not encoder_widths or not decoder_widths or len(latent) != 1:
        raise ImportFailed(
            "These are not the weights of a MusicVAE: its encoder's or decoder's variables are missing. "
            f"The first of {len(shapes)} variables: {', '.join(sorted(shapes)[:3]) or 'none'}."
        )
    try:
        return MusicVaeConfig(
            steps=STEPS_PER_BAR,
            latent=latent[0],
            encoder=tuple(encoder_widths),
            decoder=tuple(decoder_widths),
            bars=1 if hierarchical else None,
        )
    except ValidationError:
        raise ImportFailed("These are not the weights of a MusicVAE: no MusicVAE has such sizes.") from None


def _widths(shapes: Mapping[str, Shape], cell: str) -> Iterator[int]:
    """The width of each layer: a quarter of its bias, which holds four gates."""
    layer = 0
    while (bias := shapes.get(f"{cell.format(layer)}/bias")) is not None:
        yield bias[0] // 4 if len(bias) == 1 else 0
        layer += 1


def _of_bars(sizes: MusicVaeConfig, bars: int) -> MusicVaeConfig:
    """These sizes with melodies of so many bars, under a conductor one segment each."""
    if not 1 <= bars <= MOST_BARS:
        raise ImportFailed(f"A melody has 1 to {MOST_BARS} bars, not {bars}.")
    segments = None if sizes.bars is None else bars
    return sizes.model_copy(update={"steps": bars * STEPS_PER_BAR, "bars": segments})


def _of_arguments(sizes: MusicVaeConfig, arguments: Mapping[str, object]) -> MusicVaeConfig:
    """These sizes with the steps and segments that config.json gives."""
    steps = arguments["numSteps"]
    if not isinstance(steps, int) or not 1 <= steps <= MOST_STEPS or steps % STEPS_PER_BAR:
        raise ImportFailed(
            f"config.json says that a melody has {steps} steps; whole bars have a multiple of "
            f"{STEPS_PER_BAR}."
        )
    segments = arguments.get("numSegments", steps // STEPS_PER_BAR)
    if sizes.bars is not None and (not isinstance(segments, int) or segments < 1 or steps % segments):
        raise ImportFailed(
            f"{steps} steps cannot be cut into {segments} equal bars; say how many with --bars."
        )
    return sizes.model_copy(update={"steps": steps, "bars": None if sizes.bars is None else segments})


def _by_shape(sizes: MusicVaeConfig) -> MusicVaeConfig:
    """The only published configuration of these sizes."""
    fitting = {
        name: config
        for name, config in CONFIGS.items()
        if config.bar_start == sizes.bar_start and _same_sizes(config, sizes)
    }
    if len(fitting) == 1:
        return next(iter(fitting.values()))
    choices = f" (--config {', '.join(fitting)})" if fitting else ""
    raise ImportFailed(
        "The shapes do not tell how long this model's melodies are: give --bars with their number of bars"
        f"{choices}."
    )


def _same_sizes(config: MusicVaeConfig, sizes: MusicVaeConfig) -> bool:
    return (config.latent, config.encoder, config.decoder, config.bars is None) == (
        sizes.latent,
        sizes.encoder,
        sizes.decoder,
        sizes.bars is None,
    )


def _refuse_other_kinds(shapes: Mapping[str, Shape]) -> None:
    """Raises ImportFailed for a MusicVAE that is not one of single melodies."""
    for part, kind in OTHERS.items():
        if any(part in name for name in shapes):
            raise ImportFailed(f"This MusicVAE has {kind}; only those of single melodies can be imported.")
    for decoder in (HIERARCHICAL, FLAT):
        symbols = shapes.get(f"{decoder}output_projection/bias", (CLASSES,))
        if symbols != (CLASSES,):
            raise ImportFailed(
                f"This MusicVAE's decoder chooses among {symbols[0] if symbols else 0} symbols, and a melody "
                f"has {CLASSES}: it was made for drums or another vocabulary and cannot be imported."
            )
    _refuse_controls(shapes.get(f"{ENCODER.format(0)}/kernel", ()))


def _refuse_controls(kernel: Shape) -> None:
    """The first layer reads 90 symbols and its own state; what is beyond are chords or other conditions."""
    if len(kernel) != 2:
        return
    inputs = kernel[0] - kernel[1] // 4
    if inputs > CLASSES:
        raise ImportFailed(
            f"This MusicVAE reads {inputs - CLASSES} numbers beside the melody at each step (chords or "
            "another condition); only unconditioned ones can be imported."
        )


def _refuse_other_converters(config: Mapping[str, object]) -> None:
    """Raises ImportFailed if config.json describes something else than a MusicVAE of plain melodies."""
    if not config:
        return
    converter = config.get("dataConverter")
    kind = converter.get("type") if isinstance(converter, dict) else None
    if config.get("type") != "MusicVAE" or kind != "MelodyConverter":
        raise ImportFailed(
            f"config.json describes a {config.get('type')} with {kind or 'no data converter'}; only a "
            "MusicVAE with MelodyConverter can be imported."
        )
    if config.get("chordEncoder"):
        raise ImportFailed("This MusicVAE is conditioned on chords; only unconditioned ones can be imported.")
    arguments = _arguments(config)
    low, high = (arguments.get("minPitch", MIN_PITCH), arguments.get("maxPitch", MAX_PITCH))
    if (low, high) != (MIN_PITCH, MAX_PITCH):
        raise ImportFailed(
            f"config.json gives the pitches {low} to {high}; ours are {MIN_PITCH} to {MAX_PITCH}."
        )


def _arguments(config: Mapping[str, object]) -> Mapping[str, object]:
    converter = config.get("dataConverter")
    arguments = converter.get("args") if isinstance(converter, dict) else None
    return arguments if isinstance(arguments, dict) else {}
