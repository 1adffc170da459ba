"""Client tokens as AWS keeps them: the same call again gets the same answer, another one an error.

Takes calls and answers, remembers them.
"""

from dataclasses import dataclass, field

from tests.support.aws.answers import Answer, refusal
from tests.support.aws.calls import Call

_HONOURED = frozenset(
    {
        "RunInstances",
        "CreateVolume",
        "CreateNatGateway",
        "CreateNetworkInterface",
        "CreateRouteTable",
        "CreateLaunchTemplate",
        "CreateVpcEndpoint",
    }
)

_Remembered = tuple[tuple[tuple[str, str], ...], Answer]


@dataclass(slots=True)
class Tokens:
    known: dict[tuple[str, str, str], _Remembered] = field(default_factory=dict)

    def answer_again(self, call: Call) -> Answer | None:
        """What this token's first call was answered; None for a new token."""
        kept = self.known.get(_key(call))
        if kept is None or not _is_honoured(call):
            return None
        if kept[0] != _rest(call):
            return refusal(
                call, "IdempotentParameterMismatch", "The request uses the same client token as a previous, but others."
            )
        return kept[1]

    def remember(self, call: Call, answer: Answer) -> None:
        """Keep a success."""
        if _is_honoured(call) and answer.is_success:
            self.known[_key(call)] = (_rest(call), answer)


def _is_honoured(call: Call) -> bool:
    return call.action in _HONOURED and bool(call.get("ClientToken")) and call.get("DryRun") != "true"


def _key(call: Call) -> tuple[str, str, str]:
    return call.action, call.region, call.get("ClientToken")


def _rest(call: Call) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, value) for name, value in call.parameters.items() if name != "ClientToken"))
