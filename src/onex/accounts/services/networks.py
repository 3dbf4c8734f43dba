"""Registered ranges: filed by a school or an exam site for itself, or by the security administrator."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from onex.accounts.models import NetworkRange, Organisation
from onex.accounts.rules import ends_of, network_of, problems_with_network
from onex.common import tx
from onex.common.actors import Actor
from onex.common.moves import leave_trace
from onex.common.permits import demand
from onex.common.text import Refused, say


def add_network(organisation: Organisation, cidr: str, label: str, *, by: Actor, at: datetime) -> NetworkRange:
    """File a range.

    Raises Refused for what is no range or too wide a one, for one that overlaps with another, and for whoever may not.
    """
    network = network_of(cidr)
    if problems := problems_with_network(network):
        raise Refused(*problems)
    first, last = ends_of(network)
    try:
        with tx.write():
            _no_overlap(organisation, first, last)
            row = NetworkRange.objects.create(
                organisation_id=organisation.pk, cidr=str(network), label=label, first=first, last=last
            )
            demand("accounts.network_manage", by, row)
            leave_trace(row, "create", by=by, at=at, note=str(network))
    except IntegrityError as clash:
        raise Refused(say("网段 {network} 已经登记过。", network=network)) from clash
    return row


def _no_overlap(organisation: Organisation, first: str, last: str) -> None:
    clash = NetworkRange.objects.filter(first__lte=last, last__gte=first).first()
    if clash is None:
        return
    if clash.organisation_id == organisation.pk:
        raise Refused(say("与本单位已登记的网段 {network} 重叠。", network=clash.cidr))
    raise Refused(say("与其他单位登记的网段重叠。请核对出口地址；确认无误的，请联系平台的安全管理员。"))


def remove_network(row: NetworkRange, *, by: Actor, at: datetime) -> None:
    """Take a range away: from now on its addresses are counted as everybody's.

    Raises Refused for whoever may not.
    """
    demand("accounts.network_manage", by, row)
    with tx.write():
        leave_trace(row, "delete", by=by, at=at, note=row.cidr)
        row.delete()
