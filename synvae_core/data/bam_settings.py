"""All that can be chosen about Behance Artistic Media (BAM): labels, images, classes, manners on the web."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from synvae_core.data.image_set import DataError
from synvae_core.data.polite import Manners
from synvae_core.errors import faults_of

CONTENT = ("bicycle", "bird", "building", "cars", "cat", "dog", "flower", "people", "tree")
EMOTION = ("gloomy", "happy", "peaceful", "scary")
MEDIA = ("oilpaint", "watercolor", "3d_graphics", "comic", "graphite", "pen_ink", "vectorart")
# All of the released labels; the first 15 are the columns of the authors' labels.npy, in their order.
COLUMNS = (
    *(f"content_{name}" for name in CONTENT),
    *(f"emotion_{name}" for name in EMOTION),
    *(f"media_{name}" for name in MEDIA),
)
AUTHORS_COLUMNS = COLUMNS[:15]
SETTINGS_FILE = "bam.yaml"


class BamSettings(BaseModel):
    """What bam.yaml may say; every key may be left out.

    Classes, whenever images are loaded:
    classes         the labels that make classes: emotion, content, media, or a list of columns
    combine         images with several of them make classes of their own ("happy+peaceful"), or are left out
    unsure          an unsure label counts as negative or positive, or leaves its image out
    unlabelled      images without any of them are left out, or kept as the class "none"
    smallest_class  classes with fewer images are left out

    Which images are taken from the released SQLite file, and by which labels:
    labels          automatic (automatic_labels), scores (with the two thresholds), crowd (crowd_labels), or
                    auto: the first of these that the file has
    positive_from   a score from here on is positive
    negative_to     a score up to here is negative, between the two it is unsure
    media           images with one of these media for sure; none: all images
    mature          take images that are marked as mature content
    limit           at most so many images, chosen by the hash of their number

    How they are kept and downloaded:
    side            their short side in pixels
    quality         of the JPEG that is kept
    download        the manners of asking for them, see Manners
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    classes: Literal["emotion", "content", "media"] | tuple[str, ...] = "emotion"
    combine: bool = True
    unsure: Literal["negative", "positive", "leave_out"] = "negative"
    unlabelled: Literal["leave_out", "keep"] = "leave_out"
    smallest_class: int = Field(default=1, ge=1)

    labels: Literal["auto", "automatic", "scores", "crowd"] = "auto"
    positive_from: float = Field(default=0.9, allow_inf_nan=False)
    negative_to: float = Field(default=0.1, allow_inf_nan=False)
    media: tuple[str, ...] = ("oilpaint", "watercolor")
    mature: bool = False
    limit: int | None = Field(default=None, ge=1)

    side: int = Field(default=64, ge=1, le=1024)
    quality: int = Field(default=95, ge=1, le=100)
    download: Manners = Manners()

    @model_validator(mode="after")
    def _columns_exist(self) -> Self:
        if self.negative_to >= self.positive_from:
            raise ValueError("negative_to must be below positive_from")
        for column in (*self.class_columns, *(f"media_{name}" for name in self.media)):
            if column not in COLUMNS:
                raise ValueError(f"there is no label {column}; choose from {', '.join(COLUMNS)}")
        if not self.class_columns:
            raise ValueError("classes needs at least one column")
        return self

    @property
    def class_columns(self) -> tuple[str, ...]:
        """The columns that make classes."""
        if isinstance(self.classes, str):
            return tuple(column for column in COLUMNS if column.startswith(f"{self.classes}_"))
        return self.classes


def class_name(column: str) -> str:
    """A column without its group: "emotion_happy" -> "happy"."""
    return column.partition("_")[2]


def read_settings(path: Path) -> BamSettings:
    """The settings in a YAML file; raises DataError naming each key that is wrong or unknown."""
    try:
        return BamSettings.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except ValidationError as error:
        raise DataError(f"{path} is not understood: {faults_of(error, 'settings')}.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}): give a YAML file.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not readable YAML: {error}") from None
