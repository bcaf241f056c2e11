"""Ceilings of inference: what an adversarial or generated script may cost."""

from __future__ import annotations

from windmill_lite.model import limits

SOURCE_CHARS_MAX = limits.CODE_BYTES_MAX  # about a second of parsing
COMPILED_CHARS_MAX = 100_000  # up to here also the rules that Python checks after parsing
TREE_CHARS_MAX = 150_000  # of a language parsed by tree-sitter
NESTING_MAX = 500  # brackets within brackets there
PARSE_STEPS_PER_BYTE = 10  # there; scripts take one or two
PARSE_S_MAX = 2.0  # there; then the script is refused
PARAMETERS_MAX = 500
FIELDS_MAX = 200  # of all models behind one parameter, nested ones included
MODEL_DEPTH_MAX = 10  # models within models
TYPE_DEPTH_MAX = 18  # brackets and models within each other; a schema may be 20 deep
TYPES_MAX = 5_000  # types read for one script; what is beyond becomes "anything"
ENUM_VALUES_MAX = 500
CONSTANT_CHARS_MAX = 10_000  # of one default value
CONSTANT_ITEMS_MAX = 1_000  # of all lists and objects in one default value
CONSTANT_DEPTH_MAX = 20
INTEGER_BITS_MAX = 1_024
DESCRIPTION_CHARS_MAX = 2_000
