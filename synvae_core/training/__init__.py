"""One training loop for VisVAE, MusicVAE and SynVAE."""
