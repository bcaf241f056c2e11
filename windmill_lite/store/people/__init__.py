"""The people's door: every function takes a Scope; there is none without."""
