"""What the product does, as verbs: each refuses early with a named error and runs in one transaction."""
