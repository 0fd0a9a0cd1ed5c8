"""Sizes of the published MusicVAEs and of our own, as frozen values that travel inside the checkpoint."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from synvae_core.melody.vocabulary import CLASSES, STEPS_PER_BAR

VOCABULARY = CLASSES  # what a melody is made of

MOST_STEPS = 1000 * STEPS_PER_BAR
Width = Annotated[int, Field(gt=0)]


class MusicVaeConfig(BaseModel):
    """The sizes that rebuild one MusicVAE (Roberts et al. 2018).

    `bars` cuts the decoder into that many segments led by a conductor; None is the flat decoder.
    `bar_start` says which symbol a bar's first step sees: the previous bar's last one ("carry", as the
    original trains) or none ("empty", as the original's `decode` runs, and as ours both trains and runs).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["musicvae"] = "musicvae"
    steps: int = Field(gt=0, le=MOST_STEPS)
    latent: int = Field(gt=0)
    encoder: tuple[Width, ...] = Field(min_length=1, max_length=16)
    decoder: tuple[Width, ...] = Field(min_length=1, max_length=16)
    bars: int | None = None
    bar_start: Literal["carry", "empty"] = "carry"

    @model_validator(mode="after")
    def _bars_divide_steps(self) -> MusicVaeConfig:
        if self.bars is not None and (self.bars < 1 or self.steps % self.bars):
            raise ValueError(f"{self.steps} steps cannot be cut into {self.bars} equal bars.")
        return self


CONFIGS: dict[str, MusicVaeConfig] = {
    "cat-mel_2bar_small": MusicVaeConfig(
        steps=2 * STEPS_PER_BAR, latent=256, encoder=(512,), decoder=(256, 256)
    ),
    "cat-mel_2bar_big": MusicVaeConfig(
        steps=2 * STEPS_PER_BAR, latent=512, encoder=(2048,), decoder=(2048, 2048, 2048)
    ),
    "flat-mel_16bar": MusicVaeConfig(
        steps=16 * STEPS_PER_BAR, latent=512, encoder=(2048, 2048), decoder=(2048, 2048, 2048)
    ),
    "hierdec-mel_4bar": MusicVaeConfig(
        steps=4 * STEPS_PER_BAR, latent=512, encoder=(2048, 2048), decoder=(1024, 1024), bars=4
    ),
    "hierdec-mel_8bar": MusicVaeConfig(
        steps=8 * STEPS_PER_BAR, latent=512, encoder=(2048, 2048), decoder=(1024, 1024), bars=8
    ),
    "hierdec-mel_16bar": MusicVaeConfig(
        steps=16 * STEPS_PER_BAR, latent=512, encoder=(2048, 2048), decoder=(1024, 1024), bars=16
    ),
    "earsight-mel_4bar": MusicVaeConfig(
        steps=4 * STEPS_PER_BAR, latent=512, encoder=(384,), decoder=(384,), bars=4, bar_start="empty"
    ),
}
