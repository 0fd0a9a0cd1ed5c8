"""The command line of synvae_core: its commands are listed in `app`."""

from synvae_core.cli.app import main

__all__ = ["main"]
