"""URIs: resolving, escaping, taking apart and putting together.

Takes text, gives text or parts. Source: RFC 3986, sections 2.3, 3 and 5.2.
"""

import re

from director.text.arm.failures import ExpressionError
from director.text.arm.values import Value, find_key, quoted

_PARTS = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?\Z", re.DOTALL)
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_AUTHORITY = re.compile(r"(.*?)(?::([0-9]{1,5}))?\Z", re.DOTALL)


def is_absolute(text: str) -> bool:
    """Whether it has a scheme and a host."""
    scheme, authority, *_ = _split(text)
    return bool(scheme) and authority is not None


def resolve(start: str, relative: str) -> str:
    """The URI that a reference means where it is written at `start`."""
    scheme, authority, path, query, _ = _split(start)
    its_scheme, its_authority, its_path, its_query, its_fragment = _split(relative)
    if its_scheme:
        return relative
    if its_authority is not None:
        authority, path, query = its_authority, _without_dots(its_path), its_query
    elif its_path:
        path, query = _without_dots(_merged(path, its_path)), its_query
    else:
        query = its_query or query
    return f"{scheme}://{authority}{path or '/'}{query or ''}{its_fragment or ''}"


def escape(text: str) -> str:
    """Escape everything but unreserved characters."""
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in text.encode(errors="replace"))


def unescape(text: str) -> str:
    """Replace escaped bytes by the characters that they encode."""
    raw = re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found.group(1), 16)]), text.encode(errors="replace"))
    return raw.decode(errors="replace")


def build(parts: dict[str, Value]) -> str:
    """Join scheme, host, port, path and query."""
    scheme, host = _part(parts, "scheme"), _part(parts, "host")
    if not scheme or not host:
        raise ExpressionError("The template language function 'buildUri' expects an object with a scheme and a host.")
    port, path, query = _part(parts, "port"), _part(parts, "path"), _part(parts, "query")
    shown_path = path if path.startswith("/") else f"/{path}"
    shown_query = f"?{query.removeprefix('?')}" if query else ""
    return f"{scheme}://{host}{':' + port if port else ''}{shown_path}{shown_query}"


def parse(text: str) -> Value:
    """Take a URI apart; what it does not have is left out, but for the port, which is null."""
    if not is_absolute(text):
        raise ExpressionError(f"The template language function 'parseUri' expects a URI, got '{quoted(text)}'.")
    scheme, authority, path, query, _ = _split(text)
    found = _AUTHORITY.match(authority or "")
    host, port = found.groups() if found else (authority, None)
    parts: dict[str, Value] = {"scheme": scheme, "host": host, "port": int(port) if port else None, "path": path or "/"}
    return {**parts, "query": query} if query else parts


def _part(parts: dict[str, Value], name: str) -> str:
    key = find_key(parts, name)
    value = parts[key] if key is not None else None
    return "" if value is None else value if isinstance(value, str) else quoted(value)


def _split(text: str) -> tuple[str | None, str | None, str, str | None, str | None]:
    found = _PARTS.match(text)
    if not found:
        return None, None, text, None, None
    scheme, authority, path, query, fragment = found.groups()
    return scheme, authority, path, query, fragment


def _merged(path: str, relative: str) -> str:
    if relative.startswith("/"):
        return relative
    return path[: path.rfind("/") + 1] + relative if "/" in path else f"/{relative}"


def _without_dots(path: str) -> str:
    kept: list[str] = []
    pieces = path.split("/")
    for piece in pieces:
        if piece == ".." and len(kept) > 1:
            kept.pop()
        elif piece not in {".", ".."}:
            kept.append(piece)
    return "/".join(kept) + ("/" if pieces[-1] in {".", ".."} else "")
