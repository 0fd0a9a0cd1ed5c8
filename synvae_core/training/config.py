"""What a training run is: read from a YAML recipe, frozen, and kept inside its checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from synvae_core.errors import SynvaeError, faults_of
from synvae_core.musicvae.config import MusicVaeConfig
from synvae_core.synvae import Relaxation
from synvae_core.training.device import DeviceName
from synvae_core.visvae import VisVaeConfig

RECIPES = Path(__file__).parent / "recipes"


class RecipeError(SynvaeError):
    """A recipe is missing or says something that training does not understand."""


class Phase(NamedTuple):
    """Steps from `first` up to `end` that share one fall of the learning rate, from `learning_rate`."""

    first: int
    end: int
    learning_rate: float


class Schedule(BaseModel):
    """The loop's own settings: sizes in examples, lengths in steps.

    `batch` is the examples of a step, however many processes and `accumulate`d parts share them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    seed: int = 0
    steps: int = Field(gt=0)
    batch: int = Field(default=256, gt=0)
    learning_rate: float = Field(default=1e-3, gt=0)
    warm_up: int = Field(default=0, ge=0)
    decay: Literal["none", "linear", "cosine"] = "linear"
    clip: float | None = Field(default=1.0, gt=0)
    validate_every: int = Field(default=500, gt=0)
    save_every: int = Field(default=250, gt=0)
    bfloat16: bool = False
    device: DeviceName = "auto"
    accumulate: int = Field(default=1, gt=0)
    tensorboard: bool = False

    @model_validator(mode="after")
    def _parts_have_examples(self) -> Self:
        if self.accumulate > self.batch:
            raise ValueError(f"accumulate {self.accumulate} is more parts than the batch of {self.batch} has")
        return self

    def phase(self, step: int) -> Phase:
        """The part of the run in which a step lies."""
        return Phase(0, self.steps, self.learning_rate)


class PictureRecipe(Schedule):
    """Training on images: the net for them, and where they are.

    `data` is what `synvae_core.data.load` understands. It is held in memory, or with `stream` read from disk
    as it is needed, which bam: always is. `vary` cuts streamed pictures at a new place in each pass; None
    leaves that to the data set.
    """

    model: VisVaeConfig = VisVaeConfig()
    data: str = "mnist"
    stream: bool = False
    vary: bool | None = None

    @property
    def streams(self) -> bool:
        """Whether images are read from disk as they are needed."""
        return self.stream or bool(self.vary) or self.data.startswith("bam:")


class VisVaeRecipe(PictureRecipe):
    """Equation 1 without music; over the first `beta_ramp` steps beta grows from 0."""

    task: Literal["visvae"]
    beta: float = Field(default=0.5, ge=0)
    beta_ramp: int = Field(default=0, ge=0)


class Stage(BaseModel):
    """`steps` steps on melodies of `bars` bars."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bars: int = Field(gt=0)
    steps: int = Field(gt=0)


class Hearing(BaseModel):
    """The last `steps` steps of a MusicVAE's training, in which it learns to hear its own melodies.

    As they begin, the latents are turned so that those come first that are heard best. Then `weight` times
    half the squared distance between latents drawn from the prior and the means that their melodies are
    encoded to, over the first `latents` of them, is added to the objective, and `notes` times the squared
    share by which these melodies have more or fewer notes than tunes (more would be heard better). The
    gradient passes through the melody as in SynVAE, at `temperature`; the learning rate falls once more, from
    `learning_rate`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    steps: int = Field(gt=0)
    latents: int = Field(gt=0)
    weight: float = Field(gt=0)
    notes: float = Field(ge=0)
    learning_rate: float = Field(gt=0)
    temperature: float = Field(default=0.5, gt=0)


class MusicVaeRecipe(Schedule):
    """MusicVAE's objective, with what keeps its latent from collapsing in a short training.

    `mean_scale` normalises the posterior means over the batch to that standard deviation (BN-VAE, Zhu et al.
    2020), folded into the linear layer afterwards; only the `active` first latents carry a melody, the others
    stay at the prior (default: all carry); `symbol_dropout` hides the symbol before a step; `first_stages`
    train on shorter melodies first, the remaining steps on whole ones; `hearing` is what the last steps add.
    """

    task: Literal["musicvae"]
    model: MusicVaeConfig
    beta: float = Field(default=0.2, ge=0)
    beta_ramp: int = Field(default=2000, ge=0)
    free_bits: float = Field(default=256, ge=0)
    mean_scale: float = Field(default=0.7, gt=0)
    active: int | None = Field(default=None, gt=0)
    first_deviation: float = Field(default=0.5, gt=0)
    symbol_dropout: float = Field(default=0.5, ge=0, lt=1)
    transpose: tuple[int, int] = (-5, 6)
    first_stages: tuple[Stage, ...] = ()
    hearing: Hearing | None = None

    @property
    def carrying(self) -> int:
        """The number of latents that carry a melody, the first ones."""
        return self.active or self.model.latent

    @property
    def hears_from(self) -> int:
        """The step with which `hearing` begins; `steps` without it."""
        return self.steps - (self.hearing.steps if self.hearing else 0)

    def phase(self, step: int) -> Phase:
        if self.hearing and step >= self.hears_from:
            return Phase(self.hears_from, self.steps, self.hearing.learning_rate)
        return Phase(0, self.hears_from, self.learning_rate)

    @model_validator(mode="after")
    def _hears_what_is_carried(self) -> Self:
        if self.hearing and self.hearing.steps >= self.steps:
            raise ValueError(
                f"hearing.steps {self.hearing.steps} leaves none of {self.steps} steps before it"
            )
        if self.hearing and self.hearing.latents > self.carrying:
            raise ValueError(
                f"hearing.latents {self.hearing.latents} is more than the {self.carrying} that carry"
            )
        return self

    @model_validator(mode="after")
    def _normalised_over_whole_batches(self) -> Self:
        if self.accumulate > 1:
            raise ValueError(
                "accumulate: a MusicVAE is normalised over its whole batch and cannot be trained in parts"
            )
        return self


class SynVaeRecipe(PictureRecipe):
    """Equation 1 through a frozen MusicVAE; `music` and `start_from` name trained models or their folders.

    Additions to equation 1, all off unless asked for: `consistency` times the squared distance between the
    mean of z_v and the mean of z_a; beta grown from 0 over `beta_ramp` steps; the relaxation's temperature
    falling geometrically to `temperature_end`. `align` puts the latents of `start_from` that tell most of the
    images where the MusicVAE hears best.
    """

    task: Literal["synvae"]
    music: str = "musicvae"
    start_from: str | None = None
    align: bool = False
    beta: float = Field(default=0.5, ge=0)
    beta_ramp: int = Field(default=0, ge=0)
    consistency: float = Field(default=0, ge=0)
    relaxation: Relaxation = "straight_through"
    temperature: float = Field(default=1.0, gt=0)
    temperature_end: float | None = Field(default=None, gt=0)
    sample_heard: bool = True
    choose: Literal["most_likely", "drawn"] = "most_likely"


class ReverseRecipe(Schedule):
    """SynVAE the other way round: melodies through a frozen VisVAE, `pictures`, and back.

    `start_from` names the MusicVAE that is trained on; a fresh one is not regularised as MusicVaeRecipe's is.
    """

    task: Literal["reverse"]
    model: MusicVaeConfig
    pictures: str = "visvae-mnist"
    start_from: str | None = "musicvae"
    beta: float = Field(default=0.2, ge=0)
    beta_ramp: int = Field(default=0, ge=0)
    sample_heard: bool = False


class ClassifierRecipe(PictureRecipe):
    """A classifier of original images.

    Each is moved by at most `shift` pixels, turned by `turn` degrees and zoomed by the share `zoom`.
    """

    task: Literal["classifier"]
    shift: float = Field(default=1, ge=0)
    turn: float = Field(default=0, ge=0)
    zoom: float = Field(default=0, ge=0, lt=1)


Recipe = VisVaeRecipe | MusicVaeRecipe | SynVaeRecipe | ReverseRecipe | ClassifierRecipe
_ADAPTER: TypeAdapter[Recipe] = TypeAdapter(Annotated[Recipe, Field(discriminator="task")])


def parse_recipe(values: object) -> Recipe:
    """A recipe from plain values; raises RecipeError naming each key that is wrong, missing or unknown."""
    try:
        return _ADAPTER.validate_python(values)
    except ValidationError as error:
        faults = faults_of(error, "task", inside=1)
        raise RecipeError(f"The recipe is not understood: {faults}.") from None


def read_recipe(name_or_path: str | Path, settings: Sequence[str] = ()) -> Recipe:
    """A shipped recipe by name ("visvae-mnist"), or any YAML file, with `settings` in the place of its own.

    Each setting is "key=value", the key of a nested one with dots ("model.kind=bam"), the value as in YAML.
    """
    path = Path(name_or_path)
    if path.suffix not in {".yaml", ".yml"}:
        path = RECIPES / f"{name_or_path}.yaml"
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        shipped = ", ".join(sorted(p.stem for p in RECIPES.glob("*.yaml")))
        raise RecipeError(f"There is no recipe {name_or_path}; shipped ones are {shipped}.") from None
    except OSError as error:
        raise RecipeError(f"{path} cannot be read ({error.strerror}): give a YAML file.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path} is not readable YAML: {error}") from None
    return parse_recipe(with_settings(values, settings))


def with_settings(values: object, settings: Sequence[str]) -> object:
    """A recipe's plain values with "key=value" settings in their places; RecipeError for one without "="."""
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key.strip():
            raise RecipeError(f"{setting!r} is no setting: write key=value, such as learning_rate=0.001.")
        try:
            values = _with(values, key.strip().split("."), yaml.safe_load(value))
        except yaml.YAMLError:
            raise RecipeError(f"The value of {setting!r} is not readable YAML: put it in quotes.") from None
    return values


def _with(values: object, path: list[str], value: object) -> object:
    if not path:
        return value
    fields = values if isinstance(values, dict) else {}
    return fields | {path[0]: _with(fields.get(path[0]), path[1:], value)}
