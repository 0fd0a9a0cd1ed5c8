"""Images for the models: named data sets, folders of pictures, and fetching what is missing.

from synvae_core import data
test = data.load("mnist", "test")          # ImageSet(pixels, labels, class_names, ids)
mine = data.load("folder:/home/me/birds", shape=(64, 64, 3))
many = data.stream("bam:/data/bam", "train")   # ImageSource: many.read([3, 1]) reads from disk
"""

from synvae_core.data.image_set import DataError, ImageSet, ImageSource, Skipped
from synvae_core.data.loading import fetch, load, stream

__all__ = ["DataError", "ImageSet", "ImageSource", "Skipped", "fetch", "load", "stream"]
