"""Province, school and organisation: from the province's plan to an approved exam site."""

from __future__ import annotations

import re
from datetime import timedelta

from demo.browser import Page, Upload
from demo.files import PDF, heads_of, read_sheet, scan, write_sheet
from demo.mail import activation_link, last_mail
from demo.people import Pupil
from demo.show import tr
from demo.story.tale import CERTIFICATE, LEVEL, Step, Tale, insist, minute

RETURN_REASON = "请补充场地情况：机房数量、学生机台数和监控设备。"
FEWER_REASON = "按全省总规模统筹，本批次适当核减。"
STAFF_TEXT = "专任教师 12 人，其中双师型教师 9 人，8 人持有直播电商类职业技能等级证书或考评员证书。"
ROOMS_TEXT = "机房 3 间，学生机共 {n} 台，独立考试服务器 2 台，每间机房 2 路监控，出口带宽 1000 Mbps。"


def publish_plan(tale: Tale) -> list[str]:
    province = tale.signed_in("demo-province")
    now = tale.now()
    closes = now + timedelta(days=20)
    form = province.get(province.get("/pilots/plans/").link("/plans/new/")).form(has="batch")
    page = province.submit(
        form,
        form.button(name="then", value="publish"),
        year=now.year,
        batch=tale.run,
        opens_at=minute(now - timedelta(minutes=1)),
        closes_at=minute(closes),
        corrections_until=minute(closes + timedelta(days=5)),
        requires_majors="yes",
        requires_city_approval="no",
        all_certificates="all",
    )
    insist("进行中" in page.text, f"the published plan is not open: {page.told}")
    return [tr(f"{now.year} 年，进行中", f"{now.year}, open")]


def register_school(tale: Tale) -> list[str]:
    visitor, school = tale.browser("visitor"), tale.school
    visitor.get("/accounts/sign-in/")
    form = visitor.get(visitor.page.link("/accounts/registration/")).form(has="credit_code")
    majors = "\n".join(f"{code} {name}" for code, name in school.majors)
    form.fill(
        name=school.name,
        province=form.option("province", "江苏省"),
        city=form.option("city", "南京市"),
        school_type=form.option("school_type", "高职专科"),
        ownership="public",
        district="江宁区",
        address=school.address,
        legal_representative="吴演示",
        school_code=school.school_code,
        credit_code=school.credit_code[:-1] + ("0" if school.credit_code[-1] != "0" else "1"),
        licence=scan("办学许可证.pdf"),
        contact_name=school.contact,
        contact_phone=school.phone,
        contact_email=school.email,
        majors=majors,
        username=school.username,
    )
    refused = visitor.submit(form, form.button("提交注册"), expect=422)
    insist("校验" in " ".join(refused.sentences), f"a wrong check digit was not refused: {refused.told}")
    # Everything else is still there: only the slip is mended.
    form = refused.form(has="credit_code")
    page = visitor.submit(form, form.button("提交注册"), credit_code=school.credit_code)
    insist("/registration/by/" in page.address, f"the registration was not handed in: {page.told}")
    tale.notes["registration"] = page.address
    return [school.name]


def approve_school(tale: Tale) -> list[str]:
    province, school = tale.signed_in("demo-province"), tale.school
    listed = province.get("/accounts/registrations/", q=school.name)
    page = province.get(listed.link("/accounts/registrations/[0-9a-f-]+/", school.name))
    paper = province.get(page.link("/files/[0-9a-f-]+/"))
    insist(paper.content.startswith(b"%PDF"), "the licence that the school uploaded is no PDF any more")
    province.submit(page.form("/move/approve/"))
    visitor = tale.browser("visitor")
    status = visitor.get(tale.notes["registration"])
    insist("已开通" in status.text and "激活链接" in status.text, f"the applicant is not told: {status.told}")
    # The contact opens the e-mail and chooses the password; nobody else ever knew one.
    link = activation_link(last_mail(tale.mail, school.email))
    form = visitor.get(link).form(has="again")
    page = visitor.submit(form, new=tale.password, again=tale.password)
    insist("/activate/" not in page.address, f"the account was not activated: {page.told}")
    return [tr("账号已开通，联系人凭邮件启用", "account opened, activated by e-mail")]


def file_application(tale: Tale) -> list[str]:
    school = tale.school_browser
    asked = tale.count + max(10, tale.count // 4)
    tale.places["asked"] = asked
    page = school.get("/pilots/applications/")
    page = school.get(page.link("/pilots/plans/", "申报证书试点"))
    form = school.get(_plan_link(tale, page.links("/apply/", "立即申报"))).form(has="requested_count")
    page = school.submit(
        form,
        form.button(name="then", value="save"),
        requested_count=asked,
        level=form.option("level", CERTIFICATE, LEVEL),
        teaching_staff=STAFF_TEXT,
        facilities="机房 3 间。",
    )
    page = school.get(page.link("/edit/"))
    form = page.form(has="requested_count")
    codes = [code for code, _ in tale.school.majors if code != tale.school.foreign_major[0]]
    offered = [value for value, _ in form.options("declared_majors")]
    insist(tale.school.foreign_major[0] not in offered, "a major that is not mapped may be declared")
    page = school.submit(form, form.button(name="then", value="submit"), declared_majors=codes)
    insist("待省级审核" in page.text, f"the application was not submitted: {page.told}")
    tale.notes["application"] = page.address
    return [tr(f"申请 {asked} 人", f"{asked} places asked")]


def _plan_link(tale: Tale, links: list[str]) -> str:
    """This telling's plan: plans are listed newest batch first or last, so each is looked at."""
    insist(bool(links), "the school sees no plan it may apply under")
    school = tale.school_browser
    batches = ("第一次", "第二次", "第三次", "第四次", "第五次", "第六次", "第七次", "第八次", "第九次", "第十次")
    for link in links:
        facts = school.get(link).facts
        if facts.get("申报批次") == batches[tale.run - 1]:
            return link
    return links[0]


def return_application(tale: Tale) -> list[str]:
    province, school = tale.signed_in("demo-province"), tale.school_browser
    page = province.get(_record(tale, "demo-province"))
    province.submit(page.form("/move/return/"), note=RETURN_REASON)
    page = school.get(tale.notes["application"])
    insist(RETURN_REASON in page.text, f"the school does not see why: {page.told}")
    page = school.get(page.link("/edit/"))
    form = page.form(has="requested_count")
    rooms = ROOMS_TEXT.format(n=sum(machines for _, machines, _ in rooms_of(tale)))
    page = school.submit(form, form.button(name="then", value="submit"), facilities=rooms)
    insist("待省级审核" in page.text, f"the corrected application was not submitted: {page.told}")
    return [tr("退回一次，修改后重新提交", "returned once, corrected, submitted again")]


def _record(tale: Tale, who: str) -> str:
    browser = tale.signed_in(who)
    listed = browser.get("/pilots/applications/", q=tale.school.name)
    return listed.link("/pilots/applications/[0-9a-f-]+/")


def approve_application(tale: Tale) -> list[str]:
    province, school = tale.signed_in("demo-province"), tale.school_browser
    asked = tale.places["asked"]
    approved = tale.count + max(5, tale.count // 10)
    page = province.get(_record(tale, "demo-province"))
    province.submit(page.form("/move/approve/"), approved_count=asked + 1, note=FEWER_REASON, expect=409)
    page = province.get(_record(tale, "demo-province"))
    province.submit(page.form("/move/approve/"), approved_count=approved, note=FEWER_REASON)
    (row,) = [
        row
        for row in school.get("/pilots/applications/").rows("申请培训总人数", "批准培训总人数", "已使用培训数")
        if row["申报状态"] == "审核通过"
    ]
    seen = [row[head].replace(",", "") for head in ("申请培训总人数", "批准培训总人数", "已使用培训数")]
    insist(seen == [str(asked), str(approved), "0"], f"the school's list says {row}")
    tale.places["approved"] = approved
    return [tr(f"申请 {asked}，批准 {approved}", f"{asked} asked, {approved} approved")]


def import_roster(tale: Tale) -> list[str]:
    """From the product's own template; first with a slip of the pen, which keeps the whole file out."""
    school, count = tale.school_browser, len(tale.pupils)
    page = school.get("/registration/students/import/")
    heads = heads_of(school.get(page.link("/students/template/")).content)
    rows = [_roster_row(pupil) for pupil in tale.pupils]
    number = rows[0]["身份证号"]
    wrong = rows[0] | {"身份证号": number[:-1] + ("1" if number[-1] != "1" else "2")}
    preview = _upload(tale, write_sheet("学生名单.xlsx", heads, [wrong, *rows[1:]]))
    insist(_counts(preview) == [count - 1, 0, 0, 1], f"the preview counts {_counts(preview)}")
    (bad,) = preview.rows("行号", "姓名", "原因")
    insist("校验位" in bad["原因"], f"the wrong row is not explained: {bad}")
    school.submit(preview.form("/move/discard/"))
    preview = _upload(tale, write_sheet("学生名单（更正）.xlsx", heads, rows))
    insist(_counts(preview) == [count, 0, 0, 0], f"the preview counts {_counts(preview)}")
    school.submit(preview.form("/move/confirm/"))
    listed = read_sheet(school.get("/registration/students/export/").content)
    insist(
        sorted((row["姓名"], row["学号"]) for row in listed) == sorted((p.name, p.student_no) for p in tale.pupils),
        f"the roster has {len(listed)} students, not those {count} of the file",
    )
    return [tr(f"{count} 名学生，有误的行先被拦下", f"{count} students; a wrong row was held back first")]


def _upload(tale: Tale, file: Upload) -> Page:
    school = tale.school_browser
    form = school.get("/registration/students/import/").form(has="file")
    return school.submit(form, file=file)


def _counts(page: Page) -> list[int]:
    """新增, 更新, 相同, 有误 of a preview."""
    values = {
        node.marked("ox-figure-label")[0].text: node.marked("ox-figure-value")[0].text
        for node in page.main.marked("ox-figure")
    }
    return [int(re.sub(r"\D", "", values[word])) for word in ("新增", "更新", "相同", "有误")]


def _roster_row(pupil: Pupil) -> dict[str, str]:
    return {
        "姓名": pupil.name,
        "身份证号": pupil.id_number,
        "性别": "男" if pupil.is_male else "女",
        "出生日期": pupil.born_on.isoformat(),
        "学号": pupil.student_no,
        "入学年份": str(pupil.entry_year),
        "专业代码": pupil.major_code,
        "专业名称": pupil.major_name,
        "班级": pupil.class_name,
        "手机号": pupil.phone,
    }


def rooms_of(tale: Tale) -> list[tuple[str, int, int]]:
    """The school's machine rooms: 30 machines each, larger ones for a larger story."""
    machines = max(30, -(-tale.count // 3))
    return [(f"实训楼 {n}01 机房", machines, 3) for n in (2, 3, 4)]


def apply_as_site(tale: Tale) -> list[str]:
    school, facts = tale.school_browser, tale.school
    page = school.get("/venues/applications/")
    form = school.get(page.link("/venues/applications/new/")).form(has="description")
    rooms = {
        f"room-{n}-{name}": str(value)
        for n, room in enumerate(rooms_of(tale))
        for name, value in zip(("name", "machine_count", "spare_count"), room, strict=True)
    }
    form.fill(**rooms)
    page = school.submit(
        form,
        form.button(name="then", value="save"),
        name=f"{facts.name}直播电商职业技能等级证书(初)考核站点",
        region=next(value for value, label in form.options("region") if "南京" in label or "江苏" in label),
        address=f"{facts.address} 实训楼",
        contact_name=facts.contact,
        contact_phone=facts.phone,
        contact_email=facts.email,
        levels=[form.option("levels", CERTIFICATE, LEVEL)],
        description=ROOMS_TEXT.format(n=sum(machines for _, machines, _ in rooms_of(tale))),
    )
    edit = page.address if page.address.endswith("/edit/") else page.link("/edit/")
    form = school.get(edit).form(has="description")
    refused = school.submit(form, form.button(name="then", value="submit"), expect=(409, 422))
    insist("盖章" in " ".join(refused.sentences), f"a site without the stamped form was let pass: {refused.told}")
    printed = school.get(school.get(edit).link("/form.pdf"))
    insist(printed.content.startswith(b"%PDF"), "the application form is no PDF")
    form = school.get(edit).form(has="description")
    page = school.submit(
        form,
        form.button(name="then", value="submit"),
        stamped_form=Upload("考核站点申请表（盖章）.pdf", printed.content, PDF),
    )
    insist("待审核" in page.text, f"the site application was not submitted: {page.told}")
    tale.notes["site"] = page.address
    return [tr(f"{len(rooms_of(tale))} 个机房", f"{len(rooms_of(tale))} machine rooms")]


def approve_site(tale: Tale) -> list[str]:
    organisation = tale.signed_in("demo-org")
    listed = organisation.get("/venues/applications/", q=tale.school.name)
    page = organisation.get(listed.link("/venues/applications/[0-9a-f-]+/"))
    stamped = organisation.get(page.link("/files/[0-9a-f-]+/"))
    insist(stamped.content.startswith(b"%PDF"), "the stamped form is no PDF any more")
    approve = page.form("/move/approve/")
    unseen = organisation.submit(approve, expect=(409,))
    insist("盖章版" in " ".join(unseen.sentences), f"a site was approved without a look at its form: {unseen.told}")
    organisation.submit(approve, checked=["seal_present", "data_equal"])
    page = tale.school_browser.get(tale.notes["site"])
    insist("审核通过" in page.text, f"the school's site is not approved: {page.told}")
    return []


STEPS = (
    Step("省级教育行政部门发布证书申报计划", "The province publishes a plan", publish_plan),
    Step("院校注册", "A school registers", register_school),
    Step("省级审核院校注册", "The province approves the school", approve_school),
    Step("院校填报证书试点申报", "The school files a pilot application", file_application),
    Step("省级退回，院校修改后重新提交", "The province returns it, the school corrects it", return_application),
    Step("省级核定培训名额", "The province approves fewer places than asked", approve_application),
    Step("院校导入学生名单", "The school imports its students from Excel", import_roster),
    Step("院校申报考核站点", "The school applies as an exam site", apply_as_site),
    Step("培训评价组织审核考核站点", "The organisation approves the site", approve_site),
)
