"""The printed address lets one browser in, once, for some hours."""

from director.page import entrance
from director.page.entrance import Entrance, EntryResult


def test_the_token_is_exchanged_once_for_a_cookie() -> None:
    door = Entrance("token", now=lambda: 0.0)
    result, cookie = door.enter("token")
    assert (result, door.knows(cookie), door.enter("token")) == (EntryResult.ENTERED, True, (EntryResult.USED, ""))


def test_a_wrong_token_gives_no_cookie_and_uses_nothing_up() -> None:
    door = Entrance("token", now=lambda: 0.0)
    assert [door.enter(wrong)[0] for wrong in ("", "Token", "tokenx", "tök\udcff")] == [EntryResult.WRONG] * 4
    assert door.enter("token")[0] is EntryResult.ENTERED


def test_a_token_expires() -> None:
    times = iter([0.0, entrance.TOKEN_HOURS * 3600 + 1.0])
    assert Entrance("token", now=lambda: next(times)).enter("token") == (EntryResult.EXPIRED, "")


def test_no_cookie_is_known_before_somebody_entered() -> None:
    door = Entrance("token", now=lambda: 0.0)
    assert not any(door.knows(cookie) for cookie in ("", "token"))
