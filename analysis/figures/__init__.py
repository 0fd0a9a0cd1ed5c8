"""Charts for print and for pages; matplotlib is loaded when one is rendered, not when this is imported."""
