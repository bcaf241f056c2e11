"""PHP: the parameters of `main` are read, and nothing else of the text is."""
