"""The gate: a small ASGI callable before Django that keeps answers. It imports neither Django nor the configuration."""

from onex.examroom.gate.endpoint import Gate, make_gate
from onex.examroom.gate.settings import GateSettings

__all__ = ["Gate", "GateSettings", "make_gate"]
