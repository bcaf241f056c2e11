"""How long completed runs stay, and how much room they may take."""
