"""The melody corpus: windows of old tune books, split by piece, cached as one npz per length."""

from synvae_core.corpus.build import Corpus, CorpusReport, build_corpus, load_corpus
from synvae_core.corpus.sources import CorpusError

__all__ = ["Corpus", "CorpusError", "CorpusReport", "build_corpus", "load_corpus"]
