"""What a design asks of the check: for each rule whether it runs, how bad it is, its numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Literal

from app.model.fields import Help, check_values

SeverityChoice = Literal["default", "critical", "high", "medium", "low", "info"]


def _nothing() -> Mapping[str, float]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class RuleSettings:
    """How one rule judges this design; a rule that is not named here judges as it comes."""

    off: Annotated[bool, Help("Whether the rule does not run")] = False
    severity: Annotated[SeverityChoice, Help("How bad its findings are here")] = "default"
    parameters: Annotated[
        Mapping[str, float], Help("Values in place of the rule's own, by their names")
    ] = field(default_factory=_nothing, hash=False)

    def __post_init__(self) -> None:
        """Refuse values of the wrong type and numbers that nobody can reckon with."""
        check_values(self)
        kept = {name: float(value) + 0.0 for name, value in sorted(self.parameters.items())}
        object.__setattr__(self, "parameters", MappingProxyType(kept))

    def __reduce__(self) -> "tuple[object, tuple[object, ...]]":
        """Let copies and worker processes carry it; the read-only mapping cannot travel itself."""
        return _rebuild, (self.off, self.severity, dict(self.parameters))


def _rebuild(off: bool, severity: SeverityChoice, parameters: Mapping[str, float]) -> RuleSettings:
    return RuleSettings(off=off, severity=severity, parameters=parameters)


DEFAULT = RuleSettings()
