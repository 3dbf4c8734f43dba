"""`{% load ui %}`: the components every page of OneX is made of (docs/ui.md; one module each in onex.common.ui)."""

from onex.common.ui import charts, forms, frame, lists, personal, records, words
from onex.common.ui.library import register

__all__ = ["charts", "forms", "frame", "lists", "personal", "records", "register", "words"]
