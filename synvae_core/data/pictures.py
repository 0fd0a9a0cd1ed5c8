"""One picture file of any kind -> pixels of the shape a net reads."""

from __future__ import annotations

import warnings
from pathlib import Path

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


class UnreadablePicture(DataError):
    """A file is not a picture that can be used; the message is the reason, without the file's name."""


def read_picture(path: Path, shape: Shape, *, grey: bool = False) -> NDArray[np.float32]:
    """The picture at `path` as (H, W, C) float32 in [0, 1].

    Turned as its EXIF says, cut to its largest centred square, laid on white where transparent, resized.
    One channel is binarised at 0.5 unless `grey`. Raises UnreadablePicture.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.simplefilter(
                "ignore", UserWarning
            )  # a damaged EXIF or TIFF tag does not spoil the picture
            with Image.open(path, formats=FORMATS) as image:
                fitted = _fit(image, shape)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadablePicture(_too_large("far too many")) from error
    except UnreadablePicture:
        raise
    except Exception as error:  # decoders raise anything at all on broken or hostile files
        raise UnreadablePicture(_reason(error)) from error
    values = np.asarray(fitted).reshape(shape)  # uint8
    binarised = shape[2] == 1 and not grey
    return (values >= 128 if binarised else values / np.float32(255)).astype(np.float32)


def _fit(image: Image.Image, shape: Shape) -> Image.Image:
    if image.width * image.height > MOST_PIXELS:
        raise UnreadablePicture(_too_large(f"{image.width} x {image.height}"))
    upright = ImageOps.exif_transpose(image)
    side = min(upright.size)
    left, top = (upright.width - side) // 2, (upright.height - side) // 2
    # Cut on whole pixels first, so that nothing of what is cut away bleeds into the edges.
    square = _on_white(upright.crop((left, top, left + side, top + side)))
    resized = square.resize((shape[1], shape[0]), Image.Resampling.LANCZOS)
    return resized.convert("L") if shape[2] == 1 else resized


def _on_white(image: Image.Image) -> Image.Image:
    """Any mode -> RGB, with transparency laid on white."""
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        return Image.fromarray(_eight_bits(np.asarray(image))).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    with_alpha = image.convert("RGBA")
    white = Image.new("RGBA", with_alpha.size, "white")
    return Image.alpha_composite(white, with_alpha).convert("RGB")


def _eight_bits(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Deep greys -> 0..255: integers by their type's range, floats by 0..1 or by their own largest value."""
    depth = np.nan_to_num(values.astype(np.float64))
    if np.issubdtype(values.dtype, np.floating):
        full = max(1.0, float(depth.max()))
    else:
        full = 65535.0 if depth.max() > 255 or values.dtype.itemsize == 2 else 255.0
    return np.rint(np.clip(depth / full, 0, 1) * 255).astype(np.uint8)


def _too_large(size: str) -> str:
    return (
        f"it claims {size} pixels; the most that is read is {MOST_PIXELS // 1_000_000} million: scale it down"
    )


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
