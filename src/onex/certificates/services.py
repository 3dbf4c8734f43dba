"""Named writes: issue what is due, revoke."""

from __future__ import annotations

import secrets
from datetime import datetime

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from onex.certificates import queries, signing
from onex.certificates.models import Certificate
from onex.certificates.rules import CERTIFICATE, certificate_number, problems_on_issue, signed_words
from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.masks import mask_id_number
from onex.common.permits import demand
from onex.common.text import Refused
from onex.registration import services as registration
from onex.results.models import Result, ResultRelease


def issue_due(release: ResultRelease, *, by: Actor, at: datetime) -> int:
    """A certificate for every pass of a release that has none; a second run issues nothing. Answers how many.

    Each certificate is its own transaction: a batch of thousands that stops half way goes on where it stopped.
    Raises Refused when results are not released or nothing is due.
    """
    demand("certificates.issue", by, release)
    problems = problems_on_issue(queries.facts_to_issue(release), at)
    if problems:
        raise Refused(*problems)
    waiting = queries.due(release).select_related(
        "entry__student__school__province",
        "entry__plan_level__level__certificate",
        "entry__plan_level__plan__organisation",
    )
    return sum(_issue(result, by=by, at=at) for result in waiting)


def _issue(result: Result, *, by: Actor, at: datetime) -> bool:
    certificate = _made(result, at)
    with tx.write():
        result = moves.lock(result)
        if Certificate.objects.filter(result=result).exists():
            return False
        certificate.save(force_insert=True)
        registration.record_held(result.entry, certificate.number)
        moves.leave_trace(certificate, "issue", by=by, at=at, data={"number": certificate.number})
    return True


def _made(result: Result, at: datetime) -> Certificate:
    """The certificate with its facts, signature and QR; made before the transaction, because hashing is slow.

    What is signed is in the product's own language, whatever language the officer reads.
    """
    with override(settings.LANGUAGE_CODE):
        return _drawn_up(result, at)


def _drawn_up(result: Result, at: datetime) -> Certificate:
    entry = result.entry
    student, level = entry.student, entry.plan_level.level
    issued_on = timezone.localtime(at).date()
    number = certificate_number(
        level.certificate.code, level.level, student.school.province.code[:2], issued_on.year, secrets.randbelow(10**10)
    )
    facts = {
        "number": number,
        "name": student.name,
        "gender": str(student.gender_label),
        "id_number": mask_id_number(student.id_number),
        "certificate": level.certificate.name,
        "level": level.get_level_display(),
        "theory": str(result.theory),
        "practical": str(result.practical),
        "organisation": entry.plan_level.plan.organisation.name,
        "school": student.school.name,
        "issued_on": issued_on.isoformat(),
    }
    key_id, signature = signing.sign(signed_words(facts))
    address = settings.PUBLIC_URL + reverse("certificates:verify-qr", args=[signing.token_for(number)])
    return Certificate(
        number=number,
        result=result,
        name=student.name,
        id_number=student.id_number,
        facts=facts,
        issued_on=issued_on,
        key_id=key_id,
        signature=signature,
        qr=segno.make(address, error="m").svg_inline(scale=4, border=1),
    )


def revoke(certificate: Certificate, *, by: Actor, at: datetime, note: str) -> Certificate:
    """Declare a certificate void, with the reason; its number is never used again."""
    with tx.write():
        certificate = moves.move(CERTIFICATE, certificate, "revoke", by=by, at=at, note=note)
        registration.drop_held(certificate.number)
    return certificate


def forget_holder(certificate: Certificate, name: str, *, by: Actor, at: datetime) -> None:
    """Put `name` in the place of the holder's and sign anew what is left; number, level, date and marks stay.

    From then on nobody finds it by number and name. For services that have asked their own permit; twice is once.
    """
    facts = certificate.facts | {"name": name, "id_number": "", "gender": ""}
    key_id, signature = signing.sign(signed_words(facts))
    with tx.write():
        certificate = moves.lock(certificate)
        if certificate.name == name:
            return
        certificate.name, certificate.id_number, certificate.facts = name, "", facts
        certificate.key_id, certificate.signature = key_id, signature
        certificate.save(update_fields=["name", "id_number", "facts", "key_id", "signature"])
        moves.leave_trace(certificate, "forget", by=by, at=at)


def note_print(certificate: Certificate, *, by: Actor, at: datetime) -> None:
    """A print shows the full ID number, so it is traced."""
    with tx.write():
        moves.leave_trace(certificate, "print", by=by, at=at, data={"number": certificate.number, "count": 1})
