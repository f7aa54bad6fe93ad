"""Templates as Python compiled them, kept per user: compiling is most of what a small report costs."""

from __future__ import annotations

import marshal
import sys

import jinja2
from jinja2.bccache import Bucket

from runpages.remember import of_user


class Compiled(jinja2.BytecodeCache):
    """The user's folder as jinja's cache; `kind` keeps environments apart that read a template differently."""

    def __init__(self, kind: str) -> None:
        self._kind = f"{kind}\0{sys.version}\0{jinja2.__version__}"
        self._kept = of_user()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket when its template was compiled before."""
        code = self._kept.kept(self._name(bucket))
        if code is not None:
            bucket.code = marshal.loads(code)  # noqa: S302 - nobody else may write there: see of_user

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept.keep(self._name(bucket), marshal.dumps(bucket.code))

    def _name(self, bucket: Bucket) -> str:
        return self._kept.name("template", [self._kind.encode(), bucket.key.encode(), bucket.checksum.encode()])
