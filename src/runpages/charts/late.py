"""altair, loaded when the first chart is made: it takes half a second, and most builds draw nothing anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt
else:

    class _Late:
        def __getattr__(self, name: str) -> Any:
            import altair

            return getattr(altair, name)

    alt = _Late()

__all__ = ["alt"]
