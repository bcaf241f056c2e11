"""What people write and run besides scripts: the versions of flows, and drafts."""
