"""What people say to a flow that waits for them: by a link, or as its owner."""
