"""Pictures as SVG, and values as people read them."""
