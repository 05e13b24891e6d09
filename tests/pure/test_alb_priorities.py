"""Priorities of listener rules: in order, all different, and unmoved by what comes and goes beside them."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from components.aws.plan.alb_priorities import (
    BANDS_PER_DEPTH,
    CATCH_ALL,
    MAX_MARKED_SEGMENTS,
    MAX_MARKS,
    MAX_SEGMENTS,
    Band,
    attachment_priorities,
    marked_band,
    plain_band,
    priorities,
    varying_band,
)
from components.aws.plan.load_balancers import numbers_on
from components.model.facades import Scheme
from components.model.routes import MAX_PARAMETERS

PLAIN = [plain_band(depth, kind) for depth in range(MAX_SEGMENTS, 0, -1) for kind in range(BANDS_PER_DEPTH)]
VARYING = [
    varying_band(depth, parameters, methods=methods)
    for depth in range(MAX_SEGMENTS, 1, -1)
    for parameters in range(1, MAX_PARAMETERS + 1)
    for methods in (True, False)
]
rule_names = st.text(alphabet="abcdefgh GET-", min_size=1, max_size=8)
bands = st.dictionaries(rule_names, st.sampled_from(PLAIN), max_size=98)
crowded = st.dictionaries(rule_names, st.sampled_from((PLAIN[0], PLAIN[1], PLAIN[-1])), max_size=98)
"""So many rules in one band that their places collide."""


@given(st.one_of(bands, crowded))
def test_priorities_are_in_the_order_of_the_bands_and_all_different(found: dict[str, Band]) -> None:
    given_ = priorities(found)
    assert set(given_) == set(found)
    assert len(set(given_.values())) == len(found)
    assert all(1 <= priority < CATCH_ALL for priority in given_.values())
    in_order = [found[name] for name in sorted(given_, key=given_.__getitem__)]
    assert in_order == sorted(in_order)


@given(st.one_of(bands, crowded), rule_names, st.sampled_from(PLAIN))
def test_a_new_rule_moves_another_only_off_a_place_that_both_would_have(
    found: dict[str, Band], name: str, band: Band
) -> None:
    found.pop(name, None)
    before, after = priorities(found), priorities({**found, name: band})
    moved = {rule for rule in found if before[rule] != after[rule]}
    assert all(found[rule] == band for rule in moved)
    alone = priorities({name: band})[name]
    if alone not in before.values() and after[name] == alone:
        assert moved == set()


@given(crowded, rule_names, st.sampled_from((PLAIN[0], PLAIN[1], PLAIN[-1])))
def test_what_moves_never_goes_where_another_rule_still_is(found: dict[str, Band], name: str, band: Band) -> None:
    found.pop(name, None)
    more = {**found, name: band}
    for old, new in ((priorities(found), priorities(more)), (priorities(more), priorities(found))):
        arriving = {new[rule] for rule in new if old.get(rule) != new[rule]}
        assert arriving.isdisjoint(old.values())


def test_a_new_rule_moves_no_other_in_all_but_few_cases() -> None:
    names = [f"route-{number}" for number in range(10)]
    known = dict.fromkeys(names, PLAIN[5])
    before = priorities(known)
    unmoved = [n for n in range(200) if priorities({**known, f"new-{n}": PLAIN[5]}).items() >= before.items()]
    assert len(unmoved) >= 180


def test_rules_of_other_bands_never_move() -> None:
    known = {f"route-{number}": band for number, band in enumerate(PLAIN)}
    before = priorities(known)
    for number in range(100):
        after = priorities({**known, f"new-{number}": PLAIN[7]})
        assert {name for name in before if before[name] != after[name]} <= {"route-7"}


def test_bands_of_paths_with_parameters_lie_between_the_depths_and_do_not_meet() -> None:
    assert sorted(VARYING) == VARYING
    assert all(one.start + one.size <= other.start for one, other in pairwise(VARYING))
    for depth in range(MAX_SEGMENTS, 1, -1):
        own = [band for band in VARYING if plain_band(depth, 5).start < band.start < plain_band(depth - 1, 1).start]
        assert len(own) == 2 * MAX_PARAMETERS
        assert max(band.start + band.size for band in own) == plain_band(depth - 1, 1).start


def test_bands_for_testers_come_in_the_order_of_the_paths_and_before_those_of_their_own() -> None:
    """From the longest paths to the shortest: those with parameters after plain ones of as many segments."""
    ordered: list[Band] = []
    for depth in range(MAX_SEGMENTS, 0, -1):
        plain = [(plain_band(depth, kind), 0) for kind in (0, 1, 3, 5)] if depth <= MAX_MARKED_SEGMENTS else []
        varying = [
            (varying_band(depth, parameters, methods=methods), parameters)
            for parameters in range(1, MAX_PARAMETERS + 1)
            for methods in (True, False)
            if depth > 1
        ]
        for own, parameters in (*plain, *varying):
            marked = [marked_band(own, depth, parameters, nth=nth) for nth in range(MAX_MARKS)]
            assert all(band.start + band.size <= own.start for band in marked)
            ordered += marked
    assert all(one.start + one.size <= other.start for one, other in pairwise(ordered))


@given(st.sets(rule_names, max_size=98), rule_names)
def test_ties_come_after_everything_and_stay(names: set[str], name: str) -> None:
    before, after = attachment_priorities(names - {name}), attachment_priorities(names | {name})
    assert len(set(after.values())) == len(after)
    assert all(CATCH_ALL < priority <= 50_000 for priority in after.values())
    moved = {rule for rule in before if before[rule] != after[rule]}
    assert len(moved) <= 1
    assert {after[rule] for rule in moved}.isdisjoint(before.values())


@given(st.sets(rule_names, max_size=20), st.sets(rule_names, max_size=20))
def test_the_rule_of_a_service_that_comes_has_no_priority_of_one_that_goes(before: set[str], after: set[str]) -> None:
    now = attachment_priorities(before)
    # Wherever they would be: next to each other, so that they meet.
    known = {name: CATCH_ALL + 1 + number for number, name in enumerate(sorted(now))}
    found = attachment_priorities(after, known)
    assert {name: found[name] for name in before & after} == {name: known[name] for name in before & after}
    assert {found[name] for name in after - before}.isdisjoint(known.values())
    assert len({*found.values()}) == len(found)


def test_two_services_whose_rules_would_meet_may_take_each_others_place() -> None:
    seen: dict[int, str] = {}
    for name in (f"s{number}" for number in range(1000)):
        other = seen.setdefault(attachment_priorities([name])[name], name)
        if other != name:
            known = numbers_on([name], (Scheme.PUBLIC, Scheme.INTERNAL), attachment_priorities([other]))
            assert attachment_priorities([name], known)[name] not in known.values()
            return
    raise AssertionError("no two names meet")


def test_what_a_service_has_on_one_load_balancer_it_has_on_the_other() -> None:
    numbers = {"users": 40_007, "users-internal": 40_007, "posts-internal": 40_008, "gone": 40_009}
    on = numbers_on(("users", "posts", "new"), (Scheme.PUBLIC, Scheme.INTERNAL), numbers)
    assert on == {"users": 40_007, "posts": 40_008, "gone": 40_009}
