"""Results of SynEval, the evaluation tool of the paper's authors, as answers."""
