"""Go scripts: `scope` has the types and constants of the file, `tags` reads the tags of fields,
`reader` the types, `main` the parameters.

A parameter is what `encoding/json` makes of it: `[]byte` is base64, `time.Time` a moment, a struct
an object with the names of its tags.
"""
