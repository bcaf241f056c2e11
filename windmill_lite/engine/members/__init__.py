"""Groups of the people of a workspace."""
