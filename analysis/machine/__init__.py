"""Machine listeners: what the model, and a naive listener, would have chosen, and how people compare."""
