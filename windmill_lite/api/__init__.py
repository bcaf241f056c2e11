"""Floor 5, role `api`: the HTTP door, Windmill's API and the browser UI.

A request passes `errors` (refusals become statuses), `routing` (which route is it?), `limits`, and
`identity` (who asks, may this token?), and reaches a handler of three lines: read, ask the engine
or the people's door, reply. Invariant: a route without a declared `Access` cannot be written, and
no handler decides about tokens, scopes or status codes.
"""
