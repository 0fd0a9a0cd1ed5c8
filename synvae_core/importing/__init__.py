"""Published MusicVAEs into ours, from TensorFlow's and Magenta.js's files, without TensorFlow.

from synvae_core.importing import import_musicvae
imported = import_musicvae("hierdec-mel_16bar.tar", config="hierdec-mel_4bar")
"""

from synvae_core.importing.musicvae import Imported, import_musicvae
from synvae_core.importing.variables import ImportFailed

__all__ = ["ImportFailed", "Imported", "import_musicvae"]
