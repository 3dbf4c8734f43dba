"""Kinds of organisations and schools, and which codes a jurisdiction's schools carry."""

from __future__ import annotations

from enum import StrEnum

from onex.common.text import say


class OrganisationKind(StrEnum):
    OPERATOR = "operator"
    PROVINCE = "province"
    CITY = "city"
    EVALUATION_ORG = "evaluation_org"
    SCHOOL = "school"
    SITE = "site"


# Whom the platform may shut out and let in again: a school's standing is its province's, the operator is the platform.
MANAGED_KINDS = (
    OrganisationKind.PROVINCE,
    OrganisationKind.CITY,
    OrganisationKind.EVALUATION_ORG,
    OrganisationKind.SITE,
)
ORGANISATION_KIND_LABELS = {
    OrganisationKind.OPERATOR: say("平台运营机构"),
    OrganisationKind.PROVINCE: say("省级教育行政部门"),
    OrganisationKind.CITY: say("地市级教育局"),
    OrganisationKind.EVALUATION_ORG: say("培训评价组织"),
    OrganisationKind.SCHOOL: say("院校"),
    OrganisationKind.SITE: say("考核站点"),
}
# What is traced on an organisation, in the words of its timeline.
ORGANISATION_ACTS = {
    "create": say("新建机构"),
    "suspend": say("停用机构"),
    "restore": say("恢复机构"),
    "edit": say("修改信息"),
    "department": say("调整院系"),
    "major": say("调整专业"),
    "export": say("导出人员"),
}


class SchoolType(StrEnum):
    """学校类型; the words are in SCHOOL_TYPE_LABELS."""

    SECONDARY = "secondary"
    COLLEGE = "college"
    VOCATIONAL_UNIVERSITY = "vocational_university"
    APPLIED_UNIVERSITY = "applied_university"
    TECHNICIAN = "technician"


SCHOOL_TYPE_LABELS = {
    SchoolType.SECONDARY: say("中职"),
    SchoolType.COLLEGE: say("高职专科"),
    SchoolType.VOCATIONAL_UNIVERSITY: say("职业本科"),
    SchoolType.APPLIED_UNIVERSITY: say("应用型本科"),
    SchoolType.TECHNICIAN: say("技工院校"),
}
# The first two digits of a 学校标识码 that a school of this type may have.
SCHOOL_CODE_KINDS = {
    SchoolType.SECONDARY: ("36", "93"),
    SchoolType.COLLEGE: ("41", "42"),
    SchoolType.VOCATIONAL_UNIVERSITY: ("41",),
    SchoolType.APPLIED_UNIVERSITY: ("41",),
    SchoolType.TECHNICIAN: ("36", "41", "93"),
}


class Ownership(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"


OWNERSHIP_LABELS = {Ownership.PUBLIC: say("公办"), Ownership.PRIVATE: say("民办")}


def regions_of(province_code: str) -> tuple[str, ...]:
    """GB/T 2260 prefixes of what is registered in a jurisdiction.

    A separately planned city (2102 …) has its province's; the Corps (66 in ministry statistics) lies in 65.
    """
    return ("66", "65") if province_code[:2] == "66" else (province_code[:2],)
