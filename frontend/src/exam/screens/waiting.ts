/** 确认本人信息: is this me, the rules, the invigilator's admit, the countdown, and the one button that begins. */
import { h, icon, replace, setAttribute, setText } from "../dom";
import { countdown, dayAndTime, t } from "../i18n";
import { partName, quietPage, type Screen, type Stage } from "../parts/screen";
import { startButton } from "../parts/start";
import type { Rules } from "../gate";

/** The room's rules in sentences, with the figures of this session. */
function ruleSentences(rules: Rules): string[] {
  const said = [t("请独立作答，不交谈、不传递物品；手机等通信设备关机，放在指定位置。")];
  if (rules.theory_minutes && rules.practical_minutes) {
    said.push(t("理论考核 {theory} 分钟，交卷后进入实训考核，{practical} 分钟。", { theory: rules.theory_minutes, practical: rules.practical_minutes }));
  }
  if (rules.latest_entry_minutes) said.push(t("开考 {n} 分钟后不得入场。", { n: rules.latest_entry_minutes }));
  if (rules.earliest_hand_in_minutes) said.push(t("开考 {n} 分钟后方可交卷；交卷后不能再修改作答。", { n: rules.earliest_hand_in_minutes }));
  said.push(t("每次作答都会自动保存。机器或网络出现故障时请举手，不要关机；换机后从原处继续。"));
  said.push(t("时间到自动收卷，已作答的内容全部有效。"));
  return said;
}

export function waitingScreen(stage: Stage): Screen {
  const { room } = stage;
  const state = room.state!;
  const { candidate, session } = state;
  const fact = (name: string, value: string | number, look = ""): HTMLElement =>
    h("div", { class: `fact ${look}` }, h("dt", {}, name), h("dd", {}, value));
  const check = h("input", { type: "checkbox", "data-test": "confirm-identity", onchange: () => { if (check.checked) void room.confirm(); else { room.confirmed = false; update(); } } });
  check.checked = room.confirmed;

  const step = (text: string): { element: HTMLElement; mark: HTMLElement; note: HTMLElement } => {
    const mark = h("span", { class: "step-mark" });
    const note = h("span", { class: "step-note" });
    return { element: h("li", { class: "step" }, mark, h("span", { class: "step-text" }, text, note)), mark, note };
  };
  const steps = [step(t("确认本人信息和考场规则")), step(t("监考员核验放行")), step(t("开始答题"))] as const;
  const begin = startButton(room, t("开始答题"));
  const update = (): void => {
    const part = room.next();
    const admitted = room.state?.admitted ?? false;
    const open = part ? room.mayStart(part) : false;
    const done = [room.confirmed, admitted, false];
    const now = done.indexOf(false);
    steps.forEach((one, at) => {
      const sign = done[at] ? "done" : at === now ? "now" : "later";
      if (one.element.dataset["state"] !== sign) {
        one.element.dataset["state"] = sign;
        replace(one.mark, done[at] ? icon("check") : String(at + 1));
        setAttribute(one.element, "aria-current", sign === "now" ? "step" : false);
      }
    });
    setText(steps[0].note, room.confirmed ? t("已确认") : t("请核对上面的信息并勾选确认"));
    setText(steps[1].note, admitted ? t("已放行") : t("请出示准考证和身份证，监考员核验后自动更新，无需刷新"));
    const ahead = part?.opens_at ? part.opens_at - room.now() : 0;
    setText(steps[2].note, !part?.opens_at ? "" : ahead > 0 ? t("{when} 开考", { when: dayAndTime(part.opens_at) }) : t("已到开考时间"));
    begin.wait(ahead > 0 ? countdown(ahead) : "");
    begin.update(Boolean(part) && room.confirmed && admitted && open, part);
  };

  const element = quietPage(stage, t("确认本人信息"), true,
    h("div", { class: "waiting" },
      h("section", { class: "card identity", "aria-label": t("考生信息") },
        h("dl", { class: "facts" },
          fact(t("姓名"), candidate.name, "large"), fact(t("座位"), t("{room} {seat} 号", { room: candidate.room, seat: candidate.seat_no }), "large"),
          fact(t("准考证号"), candidate.ticket_no, "long"), fact(t("身份证号"), candidate.masked_id, "long"),
          fact(t("证书"), session.certificate), fact(t("等级"), session.level),
          fact(t("考核站点"), session.site), fact(t("第一部分"), part0())),
        h("p", { class: "help" }, t("信息不是本人或有错误？请不要继续，举手告知监考员。"))),
      h("section", { class: "card rules" },
        h("h2", {}, t("考场规则")),
        h("ol", {}, ruleSentences(session.rules).map((text) => h("li", {}, text))),
        h("label", { class: "agree" }, check, h("span", {}, t("以上是我本人的信息，我会遵守考场规则。"))))),
    h("section", { class: "card ready" },
      h("ol", { class: "steps", role: "list" }, steps.map((one) => one.element)),
      begin.element));

  function part0(): string {
    const part = room.next();
    return part ? t("{part}，{n} 分钟", { part: partName(part.part), n: part.minutes }) : "";
  }

  update();
  return { element, title: t("确认本人信息"), update };
}
