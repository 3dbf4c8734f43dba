/** The exam page: one item and nothing else at rest, the map at the side, the head with clock and save state. */
import { h, icon, replace, setAttribute, setText } from "../dom";
import { spoken, t } from "../i18n";
import { kindOf, progressOf } from "../kinds";
import { clockFace, lookMenu, saveIndicator } from "../parts/head";
import { handInDialog } from "../parts/hand-in";
import { outline, questionMap } from "../parts/map";
import { notices } from "../parts/notices";
import { partName, seatOf, type Screen, type Stage } from "../parts/screen";
import { numbered, type Answer, type ChoiceItem, type Item } from "../paper";

/** Choice items answer to keys: letters, ←, →, F. Tools with text fields keep their keys to themselves. */
const isChoice = (item: Item): item is ChoiceItem => Array.isArray((item as ChoiceItem).options) && typeof (item as ChoiceItem).stem === "string";

const TYPES_TEXT = /^(text|search|tel|url|email|password|number|)$/;

function writesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable
    || (target instanceof HTMLInputElement && TYPES_TEXT.test(target.type));
}

export function deskScreen(stage: Stage): Screen {
  const { room, settings } = stage;
  const paper = room.paper!;
  const theory = paper.part === "theory";
  const all = numbered(paper);
  const at = (): number => Math.max(0, all.findIndex((one) => one.item.id === room.current));

  // ── the head ──
  const save = saveIndicator(room);
  const clock = clockFace(room, settings, () => update());
  const dialog = handInDialog(room, paper);
  const handIn = h("button", { type: "button", class: "button hand-in", "data-test": "hand-in", onclick: () => { void room.flushAll(); dialog.open(); } }, t("交卷"));
  const candidate = room.state!.candidate;
  const head = h("header", { class: "desk-head" },
    h("div", { class: "who" }, h("strong", {}, candidate.name), h("span", { class: "who-seat" }, seatOf(room)), h("span", { class: "who-ticket" }, candidate.ticket_no)),
    h("p", { class: "which" }, partName(paper.part)),
    save.element, clock.element, lookMenu(settings, () => stage.redraw()), handIn);

  // ── the item ──
  const title = h("h1", { id: "item-title", tabindex: "-1" });
  const meta = h("p", { class: "item-meta" });
  const flagWord = h("span", {});
  const flag = h("button", { type: "button", class: "plain-button flag-button", "data-test": "flag", onclick: () => room.flag(room.current) }, icon("flag"), flagWord);
  const body = h("div", { class: "item-body" });
  const scroller = h("div", { class: "item-scroll", tabindex: "-1" },
    h("article", { class: theory ? "item" : "item tool" }, h("div", { class: "item-head" }, h("div", { class: "item-heading" }, title, meta), flag), body));
  let drawn = "";
  let value = "";

  const draw = (focus: boolean): void => {
    const { item, section, number } = all[at()]!;
    const current: Answer = room.answers.get(item.id) ?? null;
    drawn = item.id;
    value = JSON.stringify(current);
    setText(title, theory ? t("第 {n} 题", { n: number }) : (item.title ?? ""));
    setText(meta, [section.title, t("{n} 分", { n: item.points }), theory ? t("共 {total} 题", { total: all.length }) : t("共 {total} 项任务", { total: all.length })].join(" · "));
    const kind = kindOf(item);
    replace(body,
      item.material && h("div", { class: "material", lang: "zh-CN" }, h("p", { class: "material-title", lang: spoken() === "en" ? "en" : "zh-CN" }, theory ? t("情景材料") : t("资料")), h("div", { class: "material-text" }, item.material)),
      item.brief && h("div", { class: "brief", lang: "zh-CN" }, item.brief),
      item.stem && h("p", { class: "stem", id: "item-stem", lang: "zh-CN" }, item.stem),
      kind ? kind.draw(item, current, (next, typing) => {
        value = JSON.stringify(next);
        room.answer(item.id, next, typing);
      }) : h("p", { class: "form-error" }, t("这台机器的考试程序不认识这道题的题型，请举手告知监考员。")));
    scroller.scrollTop = 0;
    if (focus) title.focus({ preventScroll: true });
    document.title = `${theory ? t("第 {n} 题", { n: number }) : (item.title ?? "")} · ${partName(paper.part)}`;
  };

  // ── previous and next ──
  const previousWords = h("span", {});
  const previous = h("button", { type: "button", class: "button", "data-test": "prev", onclick: () => step(-1) }, icon("left"), previousWords);
  const nextWords = h("span", {});
  const next = h("button", { type: "button", class: "button primary", "data-test": "next", onclick: () => step(1) }, nextWords, icon("right"));
  const mapWords = h("span", {});
  const mapToggle = h("button", { type: "button", class: "plain-button map-toggle", "data-test": "map-toggle", "aria-expanded": "false", onclick: () => openMap(true) }, icon("grid"), mapWords);
  const walk = h("nav", { class: "walk", "aria-label": t("题目导航") }, h("div", { class: "walk-inner" }, previous, mapToggle, next));

  const firstOpen = (): number => all.findIndex(({ item }) => progressOf(item, room.answers.get(item.id)) !== "full");
  const step = (by: 1 | -1): void => {
    const target = at() + by;
    const jump = target >= all.length ? firstOpen() : target;
    const found = all[jump];
    if (found && jump >= 0) room.goTo(found.item.id);
  };

  // ── the map ──
  const picked = (): void => openMap(false);
  const map = theory ? questionMap(room, paper, picked) : outline(room, paper, picked);
  const closeMap = h("button", { type: "button", class: "icon-button map-close", "data-test": "map-close", "aria-label": t("收起题号表"), onclick: () => { openMap(false); mapToggle.focus(); } }, icon("close"));
  const aside = h("aside", { class: "desk-map", "aria-label": theory ? t("题号表") : t("任务列表") }, closeMap, map.element);
  const openMap = (yes: boolean): void => {
    setAttribute(aside, "data-open", yes);
    setAttribute(mapToggle, "aria-expanded", yes ? "true" : "false");
    if (yes) closeMap.focus();
  };

  const telling = notices(room, (item) => {
    const found = all.find((one) => one.item.id === item);
    return found ? t("第 {n} 题", { n: found.number }) : t("上一部分");
  });
  const element = h("div", { class: theory ? "desk theory" : "desk practical" },
    head,
    h("div", { class: "desk-body" }, h("main", { class: "desk-main" }, scroller, telling.element, walk), aside),
    dialog.element);

  const keys = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented || dialog.element.open) return;
    if (event.key === "Escape" && aside.hasAttribute("data-open")) { openMap(false); mapToggle.focus(); return; }
    const { item } = all[at()]!;
    if (!isChoice(item) || writesText(event.target) || (event.target instanceof Element && event.target.closest(".look-panel"))) return;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault(); // on a radio button the arrow would change the answer
      step(event.key === "ArrowLeft" ? -1 : 1);
      return;
    }
    if (event.repeat) return;
    const letter = /^Key([A-Z])$/.exec(event.code)?.[1] ?? (event.key.length === 1 ? event.key.toUpperCase() : "");
    const option = item.options.find((one) => one.id.toUpperCase() === letter);
    if (option) {
      event.preventDefault();
      const input = [...body.querySelectorAll<HTMLInputElement>(".option input")].find((one) => one.value === option.id);
      input?.click();
      input?.focus({ preventScroll: true });
    } else if (letter === "F") {
      event.preventDefault();
      room.flag(item.id);
    }
  };
  document.addEventListener("keydown", keys);

  const update = (): void => {
    const { item, number } = all[at()]!;
    if (drawn !== item.id) draw(true);
    else if (value !== JSON.stringify(room.answers.get(item.id) ?? null)) draw(false); // another page's or the server's newer value
    const flagged = room.flags.has(item.id);
    setText(flagWord, flagged ? t("取消标记") : theory ? t("标记本题") : t("标记本项"));
    setAttribute(flag, "aria-pressed", flagged ? "true" : "false");
    previous.disabled = number === 1;
    setText(previousWords, theory ? t("上一题") : t("上一项"));
    const last = number === all.length;
    const open = firstOpen();
    next.disabled = last && (open < 0 || open === all.length - 1);
    setText(nextWords, !last ? (theory ? t("下一题") : t("下一项")) : next.disabled ? (theory ? t("已是最后一题") : t("已是最后一项")) : theory ? t("回到未答的第 {n} 题", { n: open + 1 }) : t("回到未完成的第 {n} 项", { n: open + 1 }));
    setText(mapWords, t("{n} / {total}", { n: number, total: all.length }));
    setAttribute(mapToggle, "aria-label", t("{n} / {total}，打开题号表", { n: number, total: all.length }));
    save.update();
    clock.update();
    map.update();
    telling.update();
    dialog.update();
  };
  draw(false);
  update();
  return { element, title: "", update, destroy: () => document.removeEventListener("keydown", keys) };
}
