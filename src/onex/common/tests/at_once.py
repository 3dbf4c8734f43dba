"""Several at the same moment, for the tests of what one of them alone may get."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import pytest
from django.db import connections

from onex.common.text import Refused

T = TypeVar("T")
LIMIT = 120  # seconds; waited through only when somebody hangs


def at_once(*works: Callable[[], T]) -> list[T | Exception]:
    """Let them begin together, each with database connections of its own; what each answered or raised, in order."""
    ready = threading.Barrier(len(works))
    answers: dict[int, T | Exception] = {}
    stopped: list[BaseException] = []

    def run(place: int, work: Callable[[], T]) -> None:
        try:
            ready.wait(LIMIT)
            answers[place] = work()
        except Exception as wrong:
            answers[place] = wrong
        except BaseException as stop:
            stopped.append(stop)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n, work), daemon=True) for n, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    if hanging := sum(thread.is_alive() for thread in threads):
        pytest.fail(f"{hanging} of {len(works)} did not come back")
    if stopped:
        raise stopped[0]
    return [answers[n] for n in range(len(works))]


def told_apart(answers: list[T | Exception]) -> tuple[list[T], list[Refused]]:
    """What those answered that were let through, and the refusals; whatever else went wrong is raised."""
    done: list[T] = []
    refused: list[Refused] = []
    for answer in answers:
        if isinstance(answer, Refused):
            refused.append(answer)
        elif isinstance(answer, Exception):
            raise answer
        else:
            done.append(answer)
    return done, refused
