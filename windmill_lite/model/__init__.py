"""Floor 1, quiet: what things are called and what shape they have."""
