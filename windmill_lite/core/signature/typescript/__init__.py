"""TypeScript scripts: `scope` has the names of a file, `functions` finds the entry point, `reader`
reads types with `objects`, `generics` and `enums`, `known` and `values` the constants behind
defaults, `docs` the comments, `parameters` and `main` the rest.

Types are erased when a script runs: what counts is the JSON that the function is called with. So a
`Date` is a moment as text, and what JSON cannot carry (`Map`, functions, classes of the language)
is anything.
"""
