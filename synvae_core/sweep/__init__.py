"""A grid of training runs, each a folder of its own: run in parallel, gone on with, set side by side."""
