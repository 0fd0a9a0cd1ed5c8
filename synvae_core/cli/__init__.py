"""The command line of synvae_core: fetch, corpus, train, evaluate, encode, translate."""

from synvae_core.cli.app import main

__all__ = ["main"]
