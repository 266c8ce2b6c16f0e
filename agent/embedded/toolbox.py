"""The tools bound to the model, by their schemas: nothing else is ever called, and no argument they do not have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Toolbox:
    properties: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By tool: its arguments with their JSON schemas."""

    @classmethod
    def of(cls, tools: Sequence[Mapping[str, Any]]) -> "Toolbox":
        """From OpenAI tool definitions, as bind_tools makes them."""
        functions = [tool["function"] for tool in tools]
        return cls(properties={f["name"]: f.get("parameters", {}).get("properties", {}) for f in functions})

    def has(self, tool: str) -> bool:
        return tool in self.properties

    def fit(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
        """The arguments the tool knows; None if the tool is not bound or would not take one of them."""
        if not self.has(tool):
            return None
        known = {name: value for name, value in arguments.items() if name in self.properties[tool]}
        allowed = all(_takes(self.properties[tool][name], value) for name, value in known.items())
        return known if allowed else None


def _takes(schema: Mapping[str, Any], value: Any) -> bool:
    options = schema.get("anyOf", [schema])
    closed = [option for option in options if "enum" in option or "const" in option]
    if not closed:
        return True
    return any(value in option.get("enum", [option.get("const")]) for option in closed)
