"""One picture file of any kind -> pixels of the shape a net reads."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from synvae_core.data.image_set import DataError, ImageSet

SHAPES = ((28, 28, 1), (32, 32, 3), (64, 64, 3))
Shape = tuple[int, int, int]

# Only formats that Pillow reads by itself: others (EPS) would start outside programs on a stranger's file.
FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM")
SUFFIXES = frozenset(
    {
        ".png",
        ".jpg",
        ".jpeg",
        ".webp",
        ".avif",
        ".gif",
        ".bmp",
        ".tif",
        ".tiff",
        ".ppm",
        ".pgm",
        ".pbm",
        ".pnm",
    }
    # Pictures that cannot be read, but that their owner wants to hear about.
    | {".heic", ".heif", ".svg", ".jp2", ".psd"}
)
# 64 million pixels unpack to a quarter of a gigabyte; a small file that claims more is refused unopened.
MOST_PIXELS = 64_000_000
# A large picture is reduced at once, a JPEG while it is unpacked, to three pixels or more for one wanted.
OVERSAMPLING = 3
AVERAGING = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB"})
# Of a long picture, as much of the middle as is four times as long as wide.
LONGEST = 4

# "square": the largest centred square, scaled to the wanted size; "short_side": the whole picture, its short
# side scaled to the wanted height, so that training can cut out of it where it likes.
Fit = Literal["square", "short_side"]
Bytes = NDArray[np.uint8]

_opening = Lock()


class UnreadablePicture(DataError):
    """A file is not a picture that can be used; the message is the reason, without the file's name."""


def most_pixels() -> int:
    """The most pixels of a picture that is unpacked: EARSIGHT_MOST_PIXELS, else 64 million."""
    told = os.environ.get("EARSIGHT_MOST_PIXELS") or str(MOST_PIXELS)
    if not told.isdecimal() or int(told) == 0:
        raise DataError(
            f"EARSIGHT_MOST_PIXELS is {told!r}; give a whole number of pixels, such as {MOST_PIXELS}."
        )
    return int(told)


def read_picture(path: Path, shape: Shape, *, grey: bool = False) -> NDArray[np.float32]:
    """The picture at `path` as (H, W, C) float32 in [0, 1], cut to its largest centred square.

    One channel is binarised at 0.5 unless `grey`. Raises UnreadablePicture.
    """
    return as_pixels(decode(path, shape), grey=grey)


def as_pixels(values: Bytes, *, grey: bool = False) -> NDArray[np.float32]:
    """Bytes (..., C) -> float32 in [0, 1]; one channel is binarised at 0.5 unless `grey`."""
    if values.shape[-1] == 1 and not grey:
        return (values >= 128).astype(np.float32)
    return np.divide(values, np.float32(255), dtype=np.float32)


def decode(file: Path | BinaryIO, shape: Shape, fit: Fit = "square") -> Bytes:
    """The picture as bytes (H, W, C), or with "short_side" (h, w, C) where the smaller of h and w is H.

    Turned as its EXIF says, laid on white where transparent. Raises UnreadablePicture.
    """
    limit = most_pixels()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.simplefilter(
                "ignore", UserWarning
            )  # a damaged EXIF or TIFF tag does not spoil the picture
            with _opened(file) as image:
                _check_size(image, shape[0], limit)
                fitted = _fit(image, shape, fit)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadablePicture(_too_large("far too many", limit)) from error
    except UnreadablePicture:
        raise
    except Exception as error:  # decoders raise anything at all on broken or hostile files
        raise UnreadablePicture(_reason(error)) from error
    values = np.asarray(fitted)
    return values.reshape(*values.shape[:2], shape[2])


def cut(values: Bytes, shape: Shape, place: tuple[float, float] = (0.5, 0.5)) -> Bytes:
    """The part (H, W, C) of a larger picture (h, w, C), at `place` in [0, 1) of the ways down and across."""
    top = int(place[0] * (values.shape[0] - shape[0] + 1))
    left = int(place[1] * (values.shape[1] - shape[1] + 1))
    return values[top : top + shape[0], left : left + shape[1]]


def _opened(file: Path | BinaryIO) -> Image.Image:
    """The file's header alone: no pixel is unpacked before its size is known to be bearable."""
    with _opening:  # Pillow's own limit belongs to the whole process, and knows nothing of reduced JPEGs
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return Image.open(file, formats=FORMATS)
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _check_size(image: Image.Image, side: int, limit: int) -> None:
    """Reduces a JPEG that is larger than needed, and refuses what would still unpack to too many pixels."""
    width, height = image.size
    held = width * height
    if image.format in ("JPEG", "MPO"):  # MPO: a JPEG with others behind it, as some cameras write
        image.draft(None, (side * OVERSAMPLING, side * OVERSAMPLING))
        if not image.info.get("progressive"):  # which is held whole whatever is made of it
            held = image.width * image.height
    if held > limit:
        raise UnreadablePicture(_too_large(f"{width} x {height}", limit))


def _fit(image: Image.Image, shape: Shape, fit: Fit) -> Image.Image:
    ImageOps.exif_transpose(image, in_place=True)
    # Cut on whole pixels first, so that nothing of what is cut away bleeds into the edges.
    kept = _on_white(_centre(image, shape[0] * OVERSAMPLING, longest=1 if fit == "square" else LONGEST))
    size = (shape[1], shape[0]) if fit == "square" else _short_side(kept.size, shape[0])
    resized = kept.resize(size, Image.Resampling.LANCZOS)
    return resized.convert("L" if shape[2] == 1 else "RGB")


def _centre(image: Image.Image, enough: int, longest: int) -> Image.Image:
    """The middle, at most `longest` times as long as wide, reduced to `enough` pixels in height or more."""
    side = min(image.size) * longest
    width, height = min(image.width, side), min(image.height, side)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    box = (left, top, left + width, top + height)
    factor = min(width, height) // enough
    # A colour that stands for transparency, or a number of a palette, cannot be averaged.
    averages = image.mode in AVERAGING and "transparency" not in image.info
    return image.reduce(factor, box) if factor > 1 and averages else image.crop(box)


def _short_side(size: tuple[int, int], side: int) -> tuple[int, int]:
    """The size (width, height) with the same proportions whose smaller one is `side`."""
    short = min(size)
    return max(side, round(size[0] * side / short)), max(side, round(size[1] * side / short))


def _on_white(image: Image.Image) -> Image.Image:
    """Any mode -> RGB with transparency laid on white, or L from deep greys."""
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        return Image.fromarray(_eight_bits(np.asarray(image)))
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    with_alpha = image if image.mode == "RGBA" else image.convert("RGBA")
    white = Image.new("RGBA", with_alpha.size, "white")
    return Image.alpha_composite(white, with_alpha).convert("RGB")


def _eight_bits(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Deep greys -> 0..255: integers by their type's range, floats by 0..1 or by their own largest value."""
    depth = np.nan_to_num(values.astype(np.float32), copy=False)
    if np.issubdtype(values.dtype, np.floating):
        full = max(1.0, float(depth.max()))
    else:
        full = 65535.0 if depth.max() > 255 or values.dtype.itemsize == 2 else 255.0
    depth *= 255 / full  # in place: a scan may have millions of pixels
    return np.rint(np.clip(depth, 0, 255, out=depth), out=depth).astype(np.uint8)


def _too_large(size: str, limit: int) -> str:
    most = f"{limit // 1_000_000} million" if limit >= 1_000_000 else f"{limit:,}"
    advice = "scale it down, or set EARSIGHT_MOST_PIXELS"
    return f"it claims {size} pixels; the most that is read is {most}: {advice}"


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return f"it is not a picture in a format that can be read ({', '.join(FORMATS)})"
    if isinstance(error, OSError) and error.strerror:
        return f"it cannot be opened ({error.strerror})"
    return f"it is damaged ({error})"


def load_pictures(paths: list[Path], *, shape: Shape = (28, 28, 1), grey: bool = False) -> ImageSet:
    """Unlabelled pictures in the order given: labels are -1, there are no classes, ids are the paths.

    Raises DataError naming the first file that cannot be used, and for a shape that no net reads.
    """
    check_shape(shape)
    pixels = np.zeros((len(paths), *shape), dtype=np.float32)
    for row, path in enumerate(paths):
        try:
            pixels[row] = read_picture(path, shape, grey=grey)
        except UnreadablePicture as error:
            raise DataError(f"{path} cannot be used: {error}.") from error
    names = tuple(str(path) for path in paths)
    return ImageSet(pixels, np.full(len(paths), -1, dtype=np.int64), (), names)


def check_shape(shape: Shape) -> None:
    """Raises DataError for a shape that no net reads."""
    if shape not in SHAPES:
        raise DataError(f"Images cannot be loaded as {shape}; choose 28x28x1, 32x32x3 or 64x64x3.")
