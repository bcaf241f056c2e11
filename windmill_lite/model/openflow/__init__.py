"""OpenFlow: the definition of a flow, as it is written, read and checked.

`read(document)` gives a `Flow`, a view of the JSON it was read from: what a program needs has a
name here, everything else (notes, groups, fields of later versions) stays where it is, in
`Flow.document`, which is what is stored. So a flow that is read and written again is equal to what
came, in the same order. No field is filled in: a default is taken where the field is used.
"""

from __future__ import annotations

from windmill_lite.model.openflow.document import read
from windmill_lite.model.openflow.expressions import Written, expressions

__all__ = ["Written", "expressions", "read"]
