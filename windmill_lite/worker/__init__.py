"""Floor 5, role worker: claims jobs, runs each in a cell, reports outcomes."""
