"""Phrases that plain technical English does without, each with what to write instead.

Takes text, gives the phrases found in it, each with its place.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache

PHRASES: Mapping[str, str] = {
    "(is|are|was|were|be|been|being) told": "report: 'compleat reports X', 'X is reported'",
    "(tells|told|tell) (that|how|what|which|whether|of)": "report, list, show, name",
    "whoever": "name the role: the user, the owner, the director",
    "who (signs|answers|watches)": "name the thing: the service principal, the endpoint, the watcher",
    "of ours": "our own X, compleat's X",
    "(what|that|all|which) (is|are) ours": "compleat's resources, the environment's resources",
    "such (a )?thing": "'X does not exist', 'X was not found'",
    r"cannot be[.,;]": "say the rule: 'X must be ...', 'X is not valid'",
    "mostly": "usually, or name the exception",
    "lies?": "is, is in, is stored in, is kept in",
    "(go|goes|going|went|gone) on": "continue",
    "(is|are|was|were|be) asked for": "is requested, is queried",
    "as far as (it|they|he) (says?|tells?|knows?|is|are)": "'according to X', or name what is known",
    "beside each other": "in parallel, next to each other",
    "in words": "with an error message; name the code",
    "(come|comes|came) to be": "is created, exists",
    "lest": "so that ... not",
    "(is|are|was|were|be) said": "is reported, is stated",
    "(give|gives|gave|given) back": "return",
    "whom": "make the person or the thing the subject",
    "by lot": "at random",
    "in silence": "silently, without a warning",
}
"""A regular expression, in which a space matches any white space, and what to write instead."""

IN_DOCUMENTS: Mapping[str, str] = {
    "anew": "again, new",
    "beforehand": "before anything is created, in preflight",
    "mend(s|ed|ing)?": "fix",
    "nobody": "make the thing the subject: 'X is not checked'",
    "all else": "everything else",
    "stands? (in|on|for|beside|below)": "is in, is on, means",
    "simply|easily": "leave it out",
}
"""More of them that documents do without."""

IN_NAMES: Mapping[str, str] = {
    "author": "factory, owner",
    "birth births": "creation",
    "crossing crossings": "cross-cloud links",
    "demand demands": "require, request",
    "desk": "session, console",
    "epitaph": "exit reason",
    "excuse": "tolerate, retry",
    "foresee foreseen foresight": "preview, preflight",
    "forgive": "reset",
    "fresh": "new, recently created",
    "goers": "removed instances",
    "ground grounds": "networks",
    "hire": "create",
    "intended": "requested, desired",
    "leniently": "the rule: ignoring errors",
    "nobody": "none",
    "ours": "own, owned, recorded",
    "pave paved paving": "landing zone",
    "plug plugs plugged": "port, interface, attachment",
    "said saying": "answer, output, reason",
    "scene scenes": "input, scenario",
    "seat seats seating seeker": "placement, placed instance, request",
    "silence": "no answer",
    "spoiled": "failed",
    "standing": "state, reachability",
    "stretch stretches": "range, interval",
    "supposing": "preview",
    "swept": "deleted, deletions",
    "tell tells teller told": "report, answer",
    "unborn": "incomplete",
    "verdict": "decision, result",
    "whoever": "the role",
    "wish wishes wished": "request",
}
"""Words that no module, class, function, argument or variable has in its name, each with better ones."""

_BANNED: Mapping[str, str] = {word: instead for words, instead in IN_NAMES.items() for word in words.split()}
_CODE = re.compile(r"^( *)```.*?^\1```$|(?<=\n\n)(?:    [^\n]*\n)+|`[^`]*`", re.DOTALL | re.MULTILINE)


def find(name: str, text: str, phrases: Mapping[str, str]) -> tuple[str, ...]:
    """List each phrase found as `name:line: 'phrase': write ...`, in the order of the text."""
    found = [(each.start(), each.group(), instead) for each, instead in _matches(text, phrases)]
    return tuple(
        f"{name}:{text.count(chr(10), 0, start) + 1}: '{' '.join(words.split())}': write: {instead}"
        for start, words, instead in sorted(found)
    )


def has_any(text: str, phrases: Mapping[str, str]) -> bool:
    """Whether `find` would find one: a quick look at a text in which there is most often none."""
    return _any_of(tuple(phrases)).search(text) is not None


def in_name(name: str) -> str:
    """The first word of a name that is on the list, with what to use instead; "" without one."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower().split("_")
    return next((f"'{name}': '{word}': use: {_BANNED[word]}" for word in words if word in _BANNED), "")


def prose(markdown: str) -> str:
    """Blank out what a page quotes as code: commands, output of programs, names. Lines keep their numbers."""
    return _CODE.sub(lambda code: re.sub(r"[^\n]", " ", code.group()), markdown)


def _matches(text: str, phrases: Mapping[str, str]) -> Iterator[tuple[re.Match[str], str]]:
    if has_any(text, phrases):
        for phrase, instead in phrases.items():
            for each in _any_of((phrase,)).finditer(text):
                yield each, instead


@cache
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    pattern = "|".join(phrases).replace(" ", r"\s+")
    return re.compile(rf"\b(?:{pattern})(?<=\w)\b|\b(?:{pattern})(?<=\W)", re.IGNORECASE)
