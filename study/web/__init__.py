"""The pages: each view gets, checks, calls one domain verb and renders."""
