"""The cycle in its order, each step by its own person on its own pages; told by audience in the modules here."""

from __future__ import annotations

from demo.story import applying, examining, registering, releasing
from demo.story.tale import Step, Tale

STEPS: tuple[Step, ...] = (*applying.STEPS, *registering.STEPS, *examining.STEPS, *releasing.STEPS)

__all__ = ["STEPS", "Step", "Tale"]
