"""How a certificate is shown: every fact of the paper in words, and the verdict of a verification."""

from __future__ import annotations

from dataclasses import dataclass

from onex.certificates import signing
from onex.certificates.models import Certificate
from onex.certificates.rules import CertificateState, day_of, signed_words
from onex.common.text import Say, say


@dataclass(frozen=True)
class Fact:
    """One line of the paper; `is_code` for what people compare figure by figure."""

    label: Say
    value: Say | str
    is_code: bool = False


def facts_shown(certificate: Certificate) -> list[Fact]:
    """Everything that stands on the paper, in its order, with the ID number masked."""
    facts = certificate.facts
    return [
        Fact(say("姓名"), facts["name"]),
        Fact(say("性别"), facts["gender"]),
        Fact(say("证件号码"), facts["id_number"], is_code=True),
        Fact(say("证书编号"), facts["number"], is_code=True),
        Fact(say("证书名称"), facts["certificate"]),
        Fact(say("等级"), facts["level"]),
        Fact(say("理论考核成绩"), facts["theory"]),
        Fact(say("实训考核成绩"), facts["practical"]),
        Fact(say("所在院校"), facts["school"]),
        Fact(say("发证日期"), day_of(facts["issued_on"])),
        Fact(say("培训评价组织"), facts["organisation"]),
    ]


def is_signed(certificate: Certificate) -> bool:
    """Whether our signature still stands over the facts as they are kept."""
    return signing.verifies(signed_words(certificate.facts), certificate.key_id, certificate.signature)


@dataclass(frozen=True)
class Verdict:
    """What a verification found, said to an employer or a parent."""

    title: Say
    text: Say
    tone: str
    icon: str


def verdict_of(certificate: Certificate | None) -> Verdict:
    """Genuine, revoked, tampered with, or not found; the last never says which of the two entries was wrong."""
    if certificate is None:
        return Verdict(
            say("没有查到相符的证书"),
            say("请核对证书编号和姓名，两项须与证书完全一致。如确认无误，请与发证机构联系。"),
            "warn",
            "zoom-check",
        )
    if not is_signed(certificate):
        return Verdict(say("证书记录的签名不符"), say("请勿采信，并与培训评价组织联系。"), "bad", "shield-x")
    if certificate.state == CertificateState.REVOKED:
        return Verdict(say("证书已撤销"), say("这张证书曾经签发，现已撤销，不再有效。"), "bad", "shield-x")
    return Verdict(say("证书真实有效"), say("下列事项与签发时的记录一致，数字签名有效。"), "good", "shield-check")
