"""Who may log in: compares credentials in constant time and slows down those who guess.

Takes a user, a password and the caller's address, gives a verdict.
"""

import hmac
from collections.abc import Callable, Sequence
from typing import Literal

DELAY_S = 1.0

Verdict = Literal["accepted", "refused", "too-many"]


class Guard:
    """Counts failures for each address, in a window of time; beyond the limit every answer takes its time.

    The right password counts however many wrong ones came before it: whoever shares an address with a guesser (all do
    behind a forwarder) is slowed down, and never locked out.
    """

    def __init__(
        self, user: str, passwords: Sequence[str], *, now: Callable[[], float], limit: int = 10, window_s: float = 60
    ) -> None:
        self.take_over(user, passwords)
        self._now = now
        self._limit, self._window_s = limit, window_s
        self._failures: dict[str, list[float]] = {}

    def take_over(self, user: str, passwords: Sequence[str]) -> None:
        """Accept these instead; what was counted stays."""
        self._user, self._passwords = user.encode(), [password.encode() for password in passwords]

    def judge(self, user: str, password: str, *, address: str) -> Verdict:
        """Check a login. All is compared whatever the first says, so that time tells nothing."""
        recent = self._recent(address)
        user_fits = hmac.compare_digest(user.encode(), self._user)
        passwords_fit = [hmac.compare_digest(password.encode(), each) for each in self._passwords]
        if user_fits and any(passwords_fit):
            self._failures.pop(address, None)
            return "accepted"
        if len(recent) >= self._limit:
            return "too-many"
        self._failures[address] = [*recent, self._now()]
        return "refused"

    def delay_s(self, address: str) -> float:
        """Say how long to wait before an answer, good or bad, so that guessing is slow."""
        return DELAY_S if len(self._recent(address)) >= self._limit else 0.0

    def retry_after_s(self, address: str) -> int:
        """Say in how many seconds the address may try again; at least 1."""
        recent = self._recent(address)
        return max(1, int(recent[0] + self._window_s - self._now()) + 1) if recent else 1

    def _recent(self, address: str) -> list[float]:
        since = self._now() - self._window_s
        self._failures = {
            known: kept for known, times in self._failures.items() if (kept := [time for time in times if time > since])
        }
        return self._failures.get(address, [])
