"""The graph of a plan: a node for each subject, an edge where one waits for another.

Takes a Plan and how far its actions are, gives a PlanGraph. In a large plan, subjects of one kind share a node.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from cpi.contract.value_classes import dataclass
from director.model.ids import ActionId
from director.model.tasks.action_progress import NOT_BEGUN, ActionProgress, ProgressState
from director.model.tasks.plan import Action, Plan
from director.report import cleaning

MOST_SUBJECTS = 60
"""Of a plan with more, subjects of one kind ("web/0", "web/1") share a node if there are several."""
_SHARING = 4
_LONGEST = 200

Progresses = Mapping[ActionId, ActionProgress]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphNode:
    """`words` says what is done there, `done` of `total` actions. `last` is the last line of what runs or failed.

    `since` is when the first of it began, `until` when the last of it ended; None for what has not happened.
    """

    subject: str
    words: str
    state: ProgressState
    done: int
    total: int
    estimate_s: float
    since: float | None = None
    until: float | None = None
    last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanGraph:
    """`edges` are pairs of places in `nodes`: the second waits for the first."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[tuple[int, int], ...]

    def waits_for(self, place: int) -> tuple[int, ...]:
        """The places of what the node waits for."""
        return tuple(first for first, second in self.edges if second == place)


def graph_of(plan: Plan, progresses: Progresses) -> PlanGraph:
    """The plan's graph, its nodes in the plan's order."""
    names = _node_names(plan.actions)
    owners = {action.id: names[action.subject] for action in plan.actions}
    grouped: dict[str, list[Action]] = {}
    for action in plan.actions:
        grouped.setdefault(owners[action.id], []).append(action)
    places = {name: place for place, name in enumerate(grouped)}
    edges = {
        (places[owners[before]], places[owners[action.id]])
        for action in plan.actions
        for before in action.after
        if before in owners and owners[before] != owners[action.id]
    }
    nodes = tuple(_node(name, actions, progresses) for name, actions in grouped.items())
    return PlanGraph(nodes=nodes, edges=tuple(sorted(edges)))


def state_of(states: Iterable[ProgressState]) -> ProgressState:
    """The state of what consists of several: failed if one of them is, running if one of them is."""
    found = set(states)
    for state in (ProgressState.FAILED, ProgressState.RUNNING):
        if state in found:
            return state
    return ProgressState.DONE if found == {ProgressState.DONE} else ProgressState.WAITING


def _node(name: str, actions: Sequence[Action], progresses: Progresses) -> GraphNode:
    own = [progresses.get(action.id, NOT_BEGUN) for action in actions]
    begun = [each.begun_at for each in own if each.begun_at is not None]
    ended = [each.ended_at for each in own if each.ended_at is not None]
    kinds = dict.fromkeys(action.work.kind.replace("_", " ") for action in actions)
    state = state_of(each.state for each in own)
    telling = [each for each in own if each.text and each.state is state]
    return GraphNode(
        subject=name,
        words=", ".join(kinds),
        state=state,
        done=sum(each.state is ProgressState.DONE for each in own),
        total=len(own),
        estimate_s=sum(action.estimate_s for action in actions),
        since=min(begun, default=None),
        until=max(ended) if ended and state in {ProgressState.DONE, ProgressState.FAILED} else None,
        last=cleaning.clean_line(telling[-1].text, longest=_LONGEST) if telling else "",
    )


def _node_names(actions: Sequence[Action]) -> Mapping[str, str]:
    """The name of each subject's node."""
    subjects = list(dict.fromkeys(action.subject for action in actions))
    shared: Counter[str] = Counter()
    if len(subjects) > MOST_SUBJECTS:
        shared.update(map(_kind_of, subjects))
    return {subject: _name(subject, shared[_kind_of(subject)]) for subject in subjects}


def _name(subject: str, shared: int) -> str:
    name = f"{_kind_of(subject)} ({shared})" if shared >= _SHARING else subject
    return cleaning.clean_line(name, longest=_LONGEST)


def _kind_of(subject: str) -> str:
    """ "web" for "web/0", "compiler" for "compiler-1", "package" for "package ruby"."""
    word, space, _ = subject.partition(" ")
    if space:
        return word
    return subject.rpartition("/")[0] or subject.rpartition("-")[0] or subject
