"""Drivers that are packages: pinned here, installed when the first job needs one."""

from __future__ import annotations

from typing import Final

#: A lock each, as core/dependencies/lock reads it: the version, and the hashes of its files.
DUCKDB: Final = (
    "duckdb==2.0.1"
    " --hash=sha256:13b30d7a5894eba65b13692d7527c6ab34272ac356c9048bf5c6546bc3c8595e"
    " --hash=sha256:39ffeb136abed770a496e5592a464f18a07b1543e7ddb1ff6453215e179f1647"
    " --hash=sha256:4c70c88a9cfb4dc6d4b1892da39a2974e6b51b67845cc12e192a99ec4e41b211"
    " --hash=sha256:5b3f493140e35b75298ee0fc606d98e3065e8601e64fe81b09326de7a6fd68e0"
    " --hash=sha256:6034635ec5da2d204e671858287aba90b9174d3e2773db6680f939cbfb810683"
    " --hash=sha256:67a7dab509897ec1f1d46283783edb8fdc005f02fde6e263fb77a8a3bf7f1b85"
    " --hash=sha256:68ff6c4ff3dda16762019db0591ee775954094c266f99e16212884a4e656009d"
    " --hash=sha256:7e4ea6aa02ce732d589a2b30daea79c3ea4f1515b6d05ede93fe687007aaf62b"
    " --hash=sha256:8d6ed58d7cd42d7f2afafa0c9900cd7842d07d7bd7c1f6a2f9e7fdb5dffda756"
    " --hash=sha256:ba06918b64d4061bd9ed722dc10adf66f9a10f96426e2403db93a36f590ba3dc"
    " --hash=sha256:c73e8f28853c66d0590ec1bd35ee6ef837ccd50fa4b429149f79ec57e0f0556a"
    " --hash=sha256:dd8961476eb9e048d1e784eb6bad7aad39304d72b4e4fd8c021f1863b7ee6425"
    " --hash=sha256:eb32b389d99d14cbbec4c110f58237c77eacefc65ef6f737619f413c97a91a77"
    " --hash=sha256:f8c5bf863b967ee1fa9b068d1a048c9a3b4b11ad8c17d57df70cd50b67334a10"
    " --hash=sha256:f9458590d4f88d3c862393e3f709c097dc61dcb68533cc895b5d91545736bed6"
)
