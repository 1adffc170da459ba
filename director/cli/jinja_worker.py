"""The door of the process that renders Jinja templates: JSON lines in, JSON lines out, as erb_renderer.rb has them.

Takes {"keep", "value"}, which keeps under a number what many requests share, and {"forget"}, which drops all of that;
neither is answered. Takes {"job", "templates", "spec", "properties", "links", "dns"}, the last three by their numbers,
which is answered once for each of its templates, {"name", "text"}, by {"text"} or {"line", "message", "names",
"of_link"}. Before all of them it says {"ready"}.
"""

import json
import signal
import sys
from collections.abc import Mapping
from types import FrameType

from cpi.contract.json_value import JsonValue
from director.model.erb import DnsNumbers, ErbFailure, ErbText
from director.render.languages import TemplateContext
from director.render.properties import Links
from director.render.templates import Jinja


def main(limit_s: float) -> None:
    """Answer until the input ends. A template that exceeds the time limit fails, with the line that it had reached."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"not done after {limit_s:g} s")

    signal.signal(signal.SIGALRM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process ends this one
    jinja = Jinja()
    kept: dict[int, Mapping[str, JsonValue]] = {}
    made_links: dict[tuple[int, int], Links] = {}
    _say({"ready": True})
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        if "forget" in asked:
            kept.clear()
            made_links.clear()
        elif "keep" in asked:
            kept[asked["keep"]] = asked["value"]
        else:
            context = _context(asked, kept, made_links)
            for template in asked["templates"]:
                signal.setitimer(signal.ITIMER_REAL, limit_s)
                made = jinja.render(template["name"], template["text"], context)
                signal.setitimer(signal.ITIMER_REAL, 0)
                _say(_answer(made))


def _say(answer: JsonValue) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _context(
    asked: Mapping[str, JsonValue],
    kept: Mapping[int, Mapping[str, JsonValue]],
    made_links: dict[tuple[int, int], Links],
) -> TemplateContext:
    """What the template sees. Kept values are shared: Jinja's sandbox lets no template change a list or a map."""
    spec, properties, links, dns = asked["spec"], asked["properties"], asked["links"], asked["dns"]
    assert isinstance(spec, Mapping)
    assert isinstance(properties, int)
    assert isinstance(links, int)
    assert isinstance(dns, int)
    if (links, dns) not in made_links:
        made_links[links, dns] = Links(by_name=kept[links], dns=_numbers(kept[dns]))
    return TemplateContext(spec=spec, properties=kept[properties], links=made_links[links, dns])


def _numbers(value: Mapping[str, JsonValue]) -> DnsNumbers:
    return DnsNumbers(**{name: _texts(numbers) for name, numbers in value.items()})


def _texts(value: JsonValue) -> Mapping[str, str]:
    assert isinstance(value, Mapping)
    return {name: str(number) for name, number in value.items()}


def _answer(made: ErbText | ErbFailure) -> JsonValue:
    if isinstance(made, ErbText):
        return {"text": made.content}
    return {"line": made.line, "message": made.message, "names": list(made.names), "of_link": made.is_of_link}
