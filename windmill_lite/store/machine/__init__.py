"""The machine's door: ids only, no scope; the engine alone calls it."""
