"""Faults on demand: which call meets which rule."""

from dataclasses import dataclass

from tests.support.kit.faults import FaultRule, Faults, weather_of


@dataclass(slots=True, kw_only=True)
class _Rule(FaultRule[str]):
    word: str

    def is_for(self, call: str) -> bool:
        return self.word in call


def test_a_rule_is_met_so_many_times_after_those_that_it_skips_and_by_no_other_call() -> None:
    rule, other = _Rule(word="make", times=2, skip=1), _Rule(word="drop")
    faults: Faults[str, _Rule] = Faults(rules=[rule])
    faults.add(other)
    met = [faults.met_by(call) for call in ("make", "look", "make", "drop", "make", "make", "drop")]
    assert met == [None, None, rule, other, rule, None, None]


def test_a_rule_comes_before_the_weather_and_cleared_faults_have_neither() -> None:
    rule, rain = _Rule(word="make"), _Rule(word="rain")
    faults: Faults[str, _Rule] = Faults(rules=[rule], weather=lambda _call: rain)
    assert (faults.met_by("make"), faults.met_by("make")) == (rule, rain)
    faults.clear()
    assert faults.met_by("make") is None


def test_the_weather_gives_each_rule_its_share_of_chance() -> None:
    rain, hail = _Rule(word="rain"), _Rule(word="hail")
    numbers = iter((0.05, 0.1, 0.29, 0.31, 0.99))
    weather = weather_of(lambda: next(numbers), ((rain, 0.1), (hail, 0.2)))
    met = [weather("any") for _ in range(5)]
    assert [rule and rule.word for rule in met] == ["rain", "hail", "hail", None, None]
