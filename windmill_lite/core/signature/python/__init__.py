"""Python scripts. Text -> `source` -> tree -> `scope` -> names -> `reader` -> types; `main` last."""
