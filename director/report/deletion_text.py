"""What `down` is about to delete, for people.

Takes a DeletionList, gives lines.
"""

from collections.abc import Callable, Sequence

from cpi.contract.values import Price
from director.model import cloud_names
from director.model.costs import Deletion, DeletionList
from director.model.report import Bill
from director.report import bill_text, cleaning, overview_text, tables, time_words

_HEADER = ("Kind", "Name", "Size", "Age", "An hour")
_LONGEST_NAME = 60


def deletion_lines(listed: DeletionList) -> tuple[str, ...]:
    """A line for each resource, and the price of all of them. An age that the journal does not know is "?"."""
    count = len(listed.deletions)
    cells = [_cells(one, listed.at) for one in sorted(listed.deletions, key=_place(listed.deletions))]
    filled = [at for at in range(len(_HEADER)) if any(row[at] for row in cells)]
    rows = [[row[at] for at in filled] for row in (_HEADER, *cells)]
    table = [f"  {line}" for line in tables.aligned(rows)]
    prices = tuple(price for one in listed.deletions for price in one.prices)
    sums = _words(prices)
    return (
        f"Environment '{listed.environment}': {count} resource{'' if count == 1 else 's'} will be deleted.",
        *table,
        *([f"  Together {sums} an hour."] if sums else []),
    )


def _place(deletions: Sequence[Deletion]) -> Callable[[Deletion], tuple[int, str]]:
    """Kinds as they come; in each, what belongs to one deployment stands together."""
    kinds = list(dict.fromkeys(one.kind for one in deletions))
    return lambda one: (
        kinds.index(one.kind),
        " of ".join(reversed(one.name.partition("(")[2].split(" of "))) or one.name,
    )


def _cells(one: Deletion, now: float) -> tuple[str, ...]:
    cloud = cloud_names.shown_name(one.cloud)
    cores = sum(price.cores or 0 for price in one.prices)
    size = overview_text.size_words(one.size_mib) if one.size_mib else _cores(cores)
    age = "?" if one.created_at is None else time_words.span_text(now - one.created_at)
    name = cleaning.clean_line(f"{one.name} on {cloud}" if cloud else one.name, longest=_LONGEST_NAME)
    kind = "VM" if one.kind == "vm" else one.kind.replace("_", " ")
    return (kind, name, size, age, _words(one.prices))


def _cores(count: int) -> str:
    return f"{count} core{'' if count == 1 else 's'}" if count else ""


def _words(prices: Sequence[Price]) -> str:
    sums = bill_text.hourly_sums(Bill(prices={"": tuple(prices)}))
    return " + ".join(f"{bill_text.amount_text(amount)} {currency}" for currency, amount in sums.items())
