/** The screens on which nothing is answered: opening, between the parts, stopped, moved, another page, end. */
import { h, icon, replace, setText } from "../dom";
import type { PartState } from "../gate";
import { countdown, dayAndTime, t, timeOfDay } from "../i18n";
import { partName, quietPage, type Screen, type Stage } from "../parts/screen";
import { startButton } from "../parts/start";
import type { Room } from "../room";
import { saveIndicator } from "../parts/head";

/** The first eight figures of a receipt, as people read them to each other. */
export function shortCode(receipt: string): string {
  const code = receipt.slice(0, 8).toUpperCase();
  return code.length === 8 ? `${code.slice(0, 4)}-${code.slice(4)}` : code;
}

export function openingScreen(stage: Stage): Screen {
  const { room } = stage;
  const text = h("p", { class: "lead", role: "status" });
  const update = (): void => setText(text, room.offline ? t("暂时连不上考场服务器，正在重试。请不要关机，已有的作答保存在本机。") : t("正在取来试卷，请稍候…"));
  update();
  return { element: quietPage(stage, t("正在打开考场"), false, text), title: t("正在打开考场"), update };
}

/** A finished part as the candidate may read it out: when, how many, which receipt. */
function receiptCard(room: Room, part: PartState): HTMLElement {
  const receipt = room.receipts.get(part.attempt);
  const chain = room.chains.get(part.attempt);
  const handedIn = part.handed_in_at ?? null;
  const code = shortCode(receipt?.receipt || chain?.receipt || "");
  const words = part.state === "barred" ? t("不能参加") : handedIn !== null ? t("已交卷") : part.opened_at === null ? t("未参加") : t("到时自动收卷");
  const fact = (name: string, value: string, test?: string): HTMLElement => h("div", { class: "fact" }, h("dt", {}, name), h("dd", { "data-test": test ?? null }, value));
  return h("section", { class: "card receipt", "data-test": `receipt-${part.part}`, "data-state": part.state },
    h("h2", {}, part.opened_at !== null && icon("check"), partName(part.part), h("span", { class: "receipt-state" }, words)),
    part.state === "barred" && h("p", { class: "help" }, t("因前一部分缺考，不能参加本部分考核。如有疑问请举手。")),
    part.opened_at !== null && h("dl", { class: "facts" },
      fact(handedIn !== null ? t("交卷时间") : t("收卷时间"), handedIn !== null ? dayAndTime(handedIn) : part.closes_at ? dayAndTime(part.closes_at) : ""),
      receipt ? fact(t("作答"), theoryCount(part, receipt.answered), "answered") : null,
      code ? fact(t("收据码"), code, "receipt-code") : null));
}

function theoryCount(part: PartState, answered: number): string {
  return part.part === "theory" ? t("{n} 题", { n: answered }) : t("{n} 项任务", { n: answered });
}

/** How much of the finished parts still waits on this machine; empty when all is with the server. */
function waitingNote(room: Room): string {
  const save = room.save();
  if (save.stuck.length > 0) return t("有 {n} 处作答没有被考场服务器接受，保存在本机，请举手告知监考员。", { n: save.stuck.length });
  if (save.unsent > 0 && room.sender.failures === 0) return t("正在把最后 {n} 处作答送达考场服务器，请稍候。", { n: save.unsent });
  if (save.unsent > 0) return t("还有 {n} 处作答在本机等待送达，请不要关机，并举手告知监考员。", { n: save.unsent });
  return "";
}

export function betweenScreen(stage: Stage): Screen {
  const { room } = stage;
  const done = room.state!.parts.filter((part) => ["handed_in", "closed", "barred"].includes(part.state));
  const next = room.next()!;
  const begin = startButton(room, t("进入{part}", { part: partName(next.part) }));
  const when = h("p", { class: "help", role: "status" });
  const waiting = h("p", { class: "form-error", role: "status" });
  const update = (): void => {
    const part = room.next();
    const may = part !== null && room.mayStart(part);
    begin.update(may, part);
    setText(when, !part ? "" : may && part.start_until ? t("准备好后再开始，点击后开始计时；请在 {time} 前开始。", { time: timeOfDay(part.start_until) })
      : may ? t("准备好后再开始，点击后开始计时。")
      : part.opens_at ? t("{time} 开始，还有 {left}", { time: timeOfDay(part.opens_at), left: countdown(part.opens_at - room.now()) })
      : t("请在座位上稍候。"));
    setText(waiting, waitingNote(room));
  };
  update();
  const heading = done.some((part) => part.handed_in_at !== null) ? t("{part}已交卷", { part: partName(done[done.length - 1]!.part) }) : t("{part}已结束", { part: partName(done[done.length - 1]!.part) });
  return {
    element: quietPage(stage, heading, false, ...done.map((part) => receiptCard(room, part)), waiting,
      h("section", { class: "card next-part" }, h("h2", {}, partName(next.part)),
        h("p", {}, t("{n} 分钟。在页面提供的工具中完成各项任务，作答自动保存，到时自动收卷。", { n: next.minutes })), when, begin.element)),
    title: heading, update,
  };
}

export function stoppingScreen(stage: Stage): Screen {
  const { room } = stage;
  const save = saveIndicator(room);
  const text = h("p", { class: "lead", role: "status", "data-test": "stopping" });
  const update = (): void => {
    const { unsent } = room.save();
    setText(text, unsent === 0 ? t("作答已全部送达考场服务器，正在收卷，请稍候。")
      : room.offline ? t("还有 {n} 处作答在本机等待送达。请不要关机、不要关闭页面，举手告知监考员。", { n: unsent })
      : t("正在把最后 {n} 处作答送达考场服务器，请稍候。", { n: unsent }));
    save.update();
  };
  update();
  return { element: quietPage(stage, t("时间到，已停止作答"), false, text, save.element), title: t("时间到"), update };
}

export function movedScreen(stage: Stage): Screen {
  const { room } = stage;
  const token = room.halted === "token";
  const heading = token ? t("登录已失效") : t("本座位已在另一台机器继续作答");
  const waiting = h("p", { class: "form-error", role: "status" });
  const update = (): void => setText(waiting, waitingNote(room));
  update();
  return {
    element: quietPage(stage, heading, false,
      h("p", { class: "lead", "data-test": "halted", "data-why": room.halted ?? "" }, token
        ? t("请重新登录；如果提示已在另一台机器登录，请举手，由监考员允许后再试。作答保存在本机，登录后继续。")
        : t("本机不能再作答。如果这不是你本人的操作，请立即举手告知监考员。")),
      waiting,
      h("button", { type: "button", class: "button", "data-test": "sign-in-again", onclick: () => room.signInAgain() }, t("重新登录"))),
    title: heading, update,
  };
}

export function otherPageScreen(stage: Stage, take: () => void): Screen {
  return {
    element: quietPage(stage, t("考试已在另一个窗口打开"), false,
      h("p", { class: "lead", "data-test": "other-page" }, t("请回到那个窗口作答，本窗口只能查看这条提示。那个窗口关闭后，本窗口会自动接着打开。")),
      h("button", { type: "button", class: "button", "data-test": "take-over", onclick: take }, t("改在本窗口作答"))),
    title: t("考试已在另一个窗口打开"), update: () => undefined,
  };
}

export function endScreen(stage: Stage): Screen {
  const { room } = stage;
  const waiting = h("p", { class: "form-error", role: "status" });
  const cards = h("div", { class: "receipts" });
  let drawn = "";
  const leave = h("button", { type: "button", class: "button", "data-test": "leave", onclick: () => { leave.disabled = true; void room.signOut(); } }, t("退出，供下一位考生使用"));
  const update = (): void => {
    const key = JSON.stringify([...room.receipts.keys(), ...room.chains.keys(), room.state?.parts.map((part) => part.state)]);
    if (key !== drawn) replace(cards, room.state?.parts.map((part) => receiptCard(room, part)) ?? []);
    drawn = key;
    const note = waitingNote(room);
    setText(waiting, note);
    leave.hidden = note !== "";
  };
  update();
  return {
    element: quietPage(stage, t("考试结束"), false,
      h("p", { class: "lead", "data-test": "end" }, t("{name}，你的考试已经结束。请保持安静，收好个人物品离场。", { name: room.state!.candidate.name })),
      cards, waiting,
      h("p", { class: "help" }, t("成绩公布时间以考核通知为准。收据码是考场服务器收到作答的凭证，可以抄下备查。")),
      h("p", { class: "leave" }, leave)),
    title: t("考试结束"), update,
  };
}
