"""What features cost to compute, and which are not worth it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Costs:
    """Measured seconds of the steps of a computation, and the steps that each feature needs.

    Args:
        seconds: step -> seconds on the pilot.
        needs: feature's column -> the steps without which it cannot be computed.
    """

    seconds: Mapping[str, float] = field(default_factory=dict)
    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, features: Iterable[str]) -> float:
        """Return the seconds of computing these features together: a step that several need counts once."""
        steps = {step for name in features for step in self.needs.get(name, ())}
        return sum(self.seconds.get(step, 0.0) for step in sorted(steps))


def dear(features: Mapping[str, float], costs: Costs, keep: float) -> dict[str, str]:
    """Return the features that are not worth their seconds, with the reason.

    Features that need the same steps are taken or left together. Taken first is the group with the most
    information for each second that it adds to those taken before, until `keep` of all information is there.
    A group whose steps are paid already adds nothing and is always taken.

    Args:
        features: feature -> its information in nats.
        costs: steps and seconds.
        keep: share of the sum of all information to reach.
    """
    groups: dict[frozenset[str], list[str]] = {}
    for name in features:
        groups.setdefault(costs.needs.get(name, frozenset()), []).append(name)
    total, paid, reached = sum(features.values()), set[str](), 0.0

    def added(steps: frozenset[str]) -> float:
        return sum(costs.seconds.get(step, 0.0) for step in sorted(steps - paid))

    def worth(steps: frozenset[str]) -> float:
        seconds = added(steps)
        return sum(features[name] for name in groups[steps]) / seconds if seconds else float("inf")

    while groups:
        # Equal ones by name, so that the choice does not depend on the order of the features.
        best = max(groups, key=lambda steps: (worth(steps), sorted(groups[steps])))
        if added(best) and reached >= keep * total:
            break
        reached += sum(features[name] for name in groups.pop(best))
        paid |= best
    return {
        name: _reason(names, features, added(steps), total)
        for steps, names in groups.items()
        for name in names
    }


def _reason(names: list[str], features: Mapping[str, float], seconds: float, total: float) -> str:
    share = sum(features[name] for name in names) / total if total else 0.0
    alike = f" of {len(names)} features that need it" if len(names) > 1 else ""
    return f"{seconds:.3g} s more on the pilot for {share:.2%} of the information{alike}"
