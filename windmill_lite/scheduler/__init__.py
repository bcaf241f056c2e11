"""Floor 5, role scheduler: the chores that keep the promises, each in a file."""
