"""Packages on their way into a cloud's object storage: each once, whoever fetches it from there.

Takes actions that send packages, gives those that store them.
"""

from collections.abc import Iterable, Mapping

from director.model.ids import ActionId
from director.model.plan import Action
from director.model.work import SendPackages, StorePackage
from director.plan.author import About, Author

STORING = "Storing packages"


def ids_of(author: Author, cloud: str, packages: Mapping[str, str]) -> tuple[ActionId, ...]:
    """The actions after which the cloud's storage has the packages, given by name and compile key."""
    return tuple(author.id_of("store_package", _subject(name), f"{cloud}/{key}") for name, key in packages.items())


def store_packages(actions: Iterable[Action], author: Author, *, saved: Mapping[str, ActionId]) -> tuple[Action, ...]:
    """One for each package and cloud from whose storage the actions send; `saved` as Compiled has it."""
    sends = [action.work for action in actions if isinstance(action.work, SendPackages)]
    wanted = dict.fromkeys(
        StorePackage(cloud=send.store, name=name, key=key)
        for send in sends
        if send.store is not None
        for name, key in send.packages.items()
    )
    return tuple(
        author.act(
            work,
            About(subject=_subject(work.name), reason="instances fetch it from there", stage=STORING),
            after=[saved[work.key]] if work.key in saved else (),
            detail=f"{work.cloud}/{work.key}",
        )
        for work in wanted
    )


def _subject(name: str) -> str:
    return f"package {name}"
