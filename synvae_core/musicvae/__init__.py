"""MusicVAE (Roberts et al. 2018) in PyTorch."""
