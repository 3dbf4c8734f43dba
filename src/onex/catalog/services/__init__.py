"""Named writes: the guide as it is loaded, and what an evaluation organisation decides of its mapped majors."""

from onex.catalog.services.loading import Loaded, load, load_guide
from onex.catalog.services.majors import add_majors, confirm_majors, remove_majors

__all__ = ["Loaded", "add_majors", "confirm_majors", "load", "load_guide", "remove_majors"]
