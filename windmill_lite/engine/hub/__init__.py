"""Scripts of a hub: fetched once, kept by their number."""
