"""windmill-lite: scripts become jobs, forms, webhooks and flows, in one executable."""

__version__ = "0.1.0"
