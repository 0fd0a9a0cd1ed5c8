"""`python -m synvae_core`: see `synvae_core.cli`."""

from synvae_core.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
