"""What deciding about a flow reads: its run, what it was asked to do, what its steps name."""
