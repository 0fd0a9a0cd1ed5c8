"""Pictures under the bars: any image in, a small square of colours out."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import FigureError
from analysis.scores import TrialScore

Picture = str | Path | bytes | NDArray[Any]
Known = Picture | None  # None: there was a picture, and it has gone
Thumbnails = Mapping[int, Sequence[Known] | Mapping[str, Known]]
Pixels = NDArray[np.uint8]

SIDE = 128  # pixels, more than 0.4 inch needs at 300 dpi
PAPER, STROKE = 236, 96  # greys of the placeholder; the words on it have a contrast of 5.7 to 1


def squares(trial: TrialScore, thumbnails: Thumbnails) -> tuple[Pixels, ...]:
    """The trial's thumbnails in the order of its bars, each (SIDE, SIDE, 3).

    Raises FigureError where a picture is missing or unreadable.
    """
    pictures = _by_class(trial, thumbnails)
    missing = [name for name in trial.options if name not in pictures]
    if missing:
        raise FigureError(f"Trial {trial.trial} has no thumbnail for {', '.join(map(repr, missing))}.")
    return tuple(square(pictures[name], f"trial {trial.trial}, {name!r}") for name in trial.options)


def square(picture: Known, name: str = "thumbnail") -> Pixels:
    """One picture as (SIDE, SIDE, 3) bytes: turned as its camera says, cut to the middle square.

    picture  path, encoded bytes, or array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) of bytes or of [0, 1];
             None gives a placeholder that says so
    """
    from PIL import Image, ImageOps

    if picture is None:
        return placeholder()
    try:
        image = ImageOps.exif_transpose(_opened(picture)).convert("RGB")
    except Exception as error:  # decoders raise anything at all on broken or hostile files
        raise FigureError(f"The thumbnail of {name} can't be read as an image: {error}") from error
    # Whole multiples first: the few pixels of a digit stay sharp squares instead of a blur.
    factor = max(1, SIDE // min(image.size))
    image = image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)
    return np.asarray(ImageOps.fit(image, (SIDE, SIDE), Image.Resampling.LANCZOS), dtype=np.uint8)


def placeholder() -> Pixels:
    """What stands where a picture has gone: a crossed-out frame with the word "missing", (SIDE, SIDE, 3)."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (SIDE, SIDE), (PAPER,) * 3)
    draw = ImageDraw.Draw(image)
    for line in ((0, 0, SIDE, SIDE), (0, SIDE, SIDE, 0)):
        draw.line(line, fill=(STROKE,) * 3, width=3)
    draw.rectangle((0, 44, SIDE, SIDE - 44), fill=(PAPER,) * 3)
    font = ImageFont.load_default(size=30)
    draw.text((SIDE // 2, SIDE // 2), "missing", fill=(STROKE,) * 3, font=font, anchor="mm")
    return np.asarray(image, dtype=np.uint8)


def _by_class(trial: TrialScore, thumbnails: Thumbnails) -> Mapping[str, Known]:
    pictures = thumbnails.get(trial.trial, {})
    if isinstance(pictures, Mapping):
        return pictures
    if trial.listed is None:
        raise FigureError(
            f"The answers to trial {trial.trial} list its options in different orders; "
            "give its thumbnails by class name instead of as a list."
        )
    if len(pictures) != len(trial.listed):
        raise FigureError(
            f"Trial {trial.trial} has {len(trial.listed)} options but {len(pictures)} thumbnails."
        )
    return dict(zip(trial.listed, pictures, strict=True))


def _opened(picture: Picture) -> Any:
    from PIL import Image

    if isinstance(picture, np.ndarray):
        return Image.fromarray(_as_bytes(picture))
    return Image.open(BytesIO(picture) if isinstance(picture, bytes) else picture)


def _as_bytes(pixels: NDArray[Any]) -> Pixels:
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.dtype == np.uint8:
        return pixels
    return np.asarray(np.clip(pixels.astype(float), 0, 1) * 255 + 0.5).astype(np.uint8)
