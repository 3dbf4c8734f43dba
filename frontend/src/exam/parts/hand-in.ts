/** Hand-in in two deliberate steps: see what is missing, say so, confirm. Waits for the network without losing a word. */
import { freshId, h, replace, setAttribute, setText } from "../dom";
import { countdown, t } from "../i18n";
import { progressOf } from "../kinds";
import { numbered, type Paper } from "../paper";
import type { Room } from "../room";
import { sentenceOf } from "../sentences";
import { tally } from "./map";
import type { Part } from "./head";

export function handInDialog(room: Room, paper: Paper): Part & { element: HTMLDialogElement; open(): void } {
  const titleId = freshId("hand-in");
  const theory = paper.part === "theory";
  let cancelled = false;
  let busy = false;

  const figures = h("dl", { class: "tallies" });
  const lists = h("div", { class: "jump-lists" });
  const wait = h("p", { class: "dialog-note", role: "status", "data-test": "hand-in-note" });
  const error = h("p", { class: "form-error", role: "alert", "data-test": "hand-in-error" });
  const check = h("input", { type: "checkbox", "data-test": "hand-in-check", onchange: () => update() });
  const back = h("button", { type: "button", class: "button", "data-test": "hand-in-back", onclick: () => close() }, t("继续作答"));
  const confirm = h("button", { type: "button", class: "button primary", "data-test": "confirm-hand-in", onclick: () => void go() }, t("确认交卷"));
  const element = h("dialog", { class: "dialog", "aria-labelledby": titleId, "data-test": "hand-in-dialog" },
    h("h2", { id: titleId }, theory ? t("理论考核交卷") : t("实训考核交卷")),
    figures, lists,
    h("label", { class: "agree" }, check, h("span", {}, t("我已检查完毕，知道交卷后不能再修改作答。"))),
    wait, error,
    h("div", { class: "dialog-buttons" }, back, confirm));
  element.addEventListener("cancel", (event) => { event.preventDefault(); close(); });

  const close = (): void => {
    cancelled = true;
    if (element.open) element.close();
  };

  const jumps = (title: string, test: string, chosen: { id: string; number: number }[]): HTMLElement | null =>
    chosen.length === 0 ? null : h("section", { class: "jumps", "data-test": test }, h("h3", {}, title),
      h("ul", {}, chosen.map(({ id, number }) => h("li", {}, h("button", {
        type: "button", class: "jump", "data-item": id, "aria-label": t("回到第 {n} 题", { n: number }), onclick: () => { close(); room.goTo(id); },
      }, number)))));

  const open = (): void => {
    cancelled = busy = false;
    check.checked = false;
    setText(error, "");
    const items = numbered(paper);
    const sum = tally(room, paper);
    const figure = (name: string, value: number, note: boolean): HTMLElement =>
      h("div", { class: note && value > 0 ? "tally noted" : "tally" }, h("dt", {}, name), h("dd", {}, value));
    replace(figures, figure(t("已答"), sum.answered, false), sum.part > 0 && figure(t("部分作答"), sum.part, true),
      figure(t("未答"), sum.none, true), figure(t("已标记"), sum.flagged, true));
    const pick = (test: (one: { item: { id: string } }) => boolean): { id: string; number: number }[] =>
      items.filter(test).map(({ item, number }) => ({ id: item.id, number }));
    replace(lists,
      jumps(t("未答的题"), "unanswered-list", pick(({ item }) => progressOf(item as never, room.answers.get(item.id)) === "none")),
      jumps(t("部分作答的题"), "part-list", pick(({ item }) => progressOf(item as never, room.answers.get(item.id)) === "part")),
      jumps(t("标记的题"), "flagged-list", pick(({ item }) => room.flags.has(item.id))));
    update();
    element.showModal();
    back.focus();
  };

  const go = async (): Promise<void> => {
    busy = true;
    cancelled = false;
    setText(error, "");
    update();
    try {
      await room.handIn(() => cancelled);
    } catch (failure) {
      setText(error, sentenceOf(failure));
    }
    busy = false;
    update();
  };

  const update = (): void => {
    const early = room.earliestHandIn();
    const save = room.save();
    const text = early > 0 ? t("开考 {n} 分钟后可以交卷，还需等待 {time}。", { n: room.state?.session.rules.earliest_hand_in_minutes ?? 0, time: countdown(early) })
      : busy && room.offline ? t("考场网络暂时中断，恢复后自动完成交卷；作答都在本机，不会丢失。也可以先继续作答。")
      : busy && save.unsent > 0 ? t("正在把最后 {n} 处作答送达考场服务器…", { n: save.unsent })
      : busy ? t("正在交卷…") : "";
    setText(wait, text);
    setAttribute(wait, "hidden", text === "");
    check.disabled = early > 0 || busy;
    confirm.disabled = busy || early > 0 || !check.checked;
    setText(back, busy ? t("先不交，继续作答") : t("继续作答"));
  };

  return { element, update, open };
}
