"""The pages, as text.

Takes values, gives HTML with everything escaped and style and script inline under the answer's nonce. A password is in
a page only when it was asked for, in the one card it belongs to.
"""

from dataclasses import dataclass
from html import escape
from importlib import resources

from console import services
from console.services import State
from console.settings import Service

_ASSETS = resources.files("console") / "assets"
_STYLE = (_ASSETS / "style.css").read_text(encoding="utf-8")
_SCRIPT = (_ASSETS / "live.js").read_text(encoding="utf-8")
_REFRESH_WITHOUT_SCRIPT_S = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every page needs: its title, the answer's nonce and the session's form token."""

    title: str
    deployment: str
    nonce: str
    form_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A service as the page shows it; `password` is empty unless this page may reveal it."""

    number: int
    service: Service
    state: State
    password: str = ""


def describe_login(frame: Frame, *, message: str, user: str = "") -> str:
    """Give the login page; `message` says what went wrong, or is empty."""
    alert = f'<p class="alert" role="alert">{escape(message)}</p>' if message else ""
    start = "" if user else " autofocus"
    next_ = " autofocus" if user else ""
    body = f"""
<main class="login">
  <form method="post" action="/login" class="card">
    <h1>{_MARK}{escape(frame.title)}</h1>
    <p class="quiet">Log in as the administrator of deployment <b>{escape(frame.deployment)}</b>.</p>
    {alert}
    {_form_token(frame)}
    <label>User
      <input name="user" value="{escape(user)}" autocomplete="username" autocapitalize="none" spellcheck="false"
        required{start}>
    </label>
    <label>Password
      <input name="password" type="password" autocomplete="current-password" required{next_}>
    </label>
    <button class="primary">Log in</button>
  </form>
</main>"""
    return _page(frame, title=f"Log in · {frame.title}", body=body, live=False)


def describe_services(frame: Frame, shown: tuple[Shown, ...], *, checked_at: str, user: str) -> str:
    """Give the page of all services."""
    cards = "".join(_card(frame, one) for one in shown)
    down = sum(not one.state.up for one in shown)
    body = f"""
<header class="bar">
  <div class="name">{_MARK}
    <div><h1>{escape(frame.title)}</h1><span class="quiet">deployment {escape(frame.deployment)}</span></div>
  </div>
  <form method="post" action="/logout">{_form_token(frame)}
    <span class="quiet who">{escape(user)}</span><button>Log out</button>
  </form>
</header>
<main>
  <p class="summary" role="status"><span class="dot {"down" if down else "up"}" id="dot"></span>
    <b id="summary">{summary(len(shown), down)}</b>
    <span class="quiet">checked <time id="checked">{escape(checked_at)}</time></span></p>
  <div class="cards">{cards}</div>
  <p class="quiet foot">Addresses are inside the platform’s network: connect from the jumpbox, or from any machine of
    that network.</p>
</main>"""
    return _page(frame, title=frame.title, body=body, live=True)


def summary(count: int, down: int) -> str:
    """Say in a line how the services are."""
    if not down:
        return "All services are up" if count > 1 else "The service is up"
    return f"{down} of {count} services {'is' if down == 1 else 'are'} down"


def facts_of(state: State) -> str:
    """Give the list of figures of a service, or its trouble, as HTML."""
    if not state.up:
        return f'<p class="alert">{escape(state.trouble)}</p>'
    rows = (*state.facts, ("Answered in", f"{state.answered_ms:.0f} ms"))
    pairs = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows)
    return f"<dl>{pairs}</dl>"


_MARK = (
    '<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 2 21 7v10l-9 5-9-5V7z"/>'
    '<path class="edge" d="M3 7l9 5 9-5M12 12v10"/></svg>'
)


def _card(frame: Frame, one: Shown) -> str:
    service, state = one.service, one.state
    word = "up" if state.up else "down"
    rows = [("Host", service.address), ("Port", str(service.port))]
    if service.database:
        rows.append(("Database", service.database))
    if service.user:
        rows.append(("User", service.user))
    pairs = "".join(f"<div><dt>{name}</dt><dd><code>{escape(value)}</code></dd></div>" for name, value in rows)
    return f"""
<section class="card" data-service="{one.number}">
  <div class="head">
    <h2>{services.title(service)} <span class="version">{escape(state.version)}</span></h2>
    <span class="state {word}"><span class="dot {word}"></span><span class="word">{word.capitalize()}</span></span>
  </div>
  <p class="quiet place"><code>{escape(service.instance)}</code> at
    <code>{escape(service.address)}:{service.port}</code></p>
  <div class="facts">{facts_of(state)}</div>
  <details{" open" if one.password else ""}>
    <summary>How to connect</summary>
    <div class="command"><code>{escape(services.command(service))}</code></div>
    <dl class="connect">{pairs}
      <div><dt>Password</dt><dd>{_password(frame, one)}</dd></div>
    </dl>
  </details>
</section>"""


def _password(frame: Frame, one: Shown) -> str:
    if one.password:
        return f'<code class="secret">{escape(one.password)}</code> <a class="button" href="/">Hide</a>'
    return f"""<form method="post" action="/services/{one.number}/password" class="reveal">{_form_token(frame)}
        <code class="secret" aria-live="polite">••••••••••</code> <button>Reveal</button></form>"""


def _form_token(frame: Frame) -> str:
    return f'<input type="hidden" name="form_token" value="{escape(frame.form_token)}">'


def _page(frame: Frame, *, title: str, body: str, live: bool) -> str:
    script = f'<script nonce="{frame.nonce}">{_SCRIPT}</script>' if live else ""
    # Without script the page loads itself anew, by its own address: a password that was revealed hides again.
    refresh = f'<meta http-equiv="refresh" content="{_REFRESH_WITHOUT_SCRIPT_S}; url=/">' if live else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>{escape(title)}</title>
<style nonce="{frame.nonce}">{_STYLE}</style><noscript>{refresh}</noscript>
</head>
<body>{body}
{script}</body>
</html>
"""
