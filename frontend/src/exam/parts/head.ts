/** The head of the page while answering: who, which part, save state, clock, look, and — far from "next" — hand-in. */
import { freshId, h, icon, replace, setAttribute, setText } from "../dom";
import { countdown, t } from "../i18n";
import type { Room } from "../room";
import { applySettings, type Settings } from "../settings";

export interface Part { element: HTMLElement; update(): void }

/** Where an answer is: on this machine, on the way, with the server. Never more than is true. */
export function saveIndicator(room: Room): Part {
  const words = h("span", { class: "save-words" });
  const sign = h("span", { class: "save-sign" });
  const element = h("div", { class: "save", "data-test": "save" }, sign, words);
  let drawn = "";
  const update = (): void => {
    const save = room.save();
    const offline = room.offline && save.unsent > 0;
    const here = save.durability === "disk" ? t("本机已存") : t("仅暂存本页");
    setText(words, save.writing ? t("正在存到本机…")
      : save.state === "sending" ? t("正在送达…")
      : save.state === "confirmed" ? t("已送达考场服务器")
      : offline ? t("{here}，待网络恢复", { here }) : t("{here}，待送达", { here }));
    setAttribute(element, "data-state", save.state);
    setAttribute(element, "data-writing", save.writing ? "true" : "false");
    setAttribute(element, "data-unsent", String(save.unsent));
    setAttribute(element, "data-storage", save.durability);
    const shape = save.state === "confirmed" ? "check" : save.state === "sending" ? "up" : "disk";
    if (shape !== drawn) replace(sign, icon(shape));
    drawn = shape;
  };
  update();
  return { element, update };
}

/** What is left, from the server's clock. Can be hidden; announces nothing by itself (the notices do). */
export function clockFace(room: Room, settings: Settings, changed: () => void): Part {
  const digits = h("span", { class: "clock-digits", "data-test": "clock" });
  const label = h("span", { class: "clock-label" });
  const toggle = h("button", {
    type: "button", class: "clock-toggle quiet", "data-test": "clock-toggle", onclick: () => {
      settings.clock = !settings.clock;
      applySettings(settings);
      changed();
    },
  });
  const element = h("div", { class: "clock", role: "timer", "aria-live": "off" }, icon("clock"), label, digits, toggle);
  const update = (): void => {
    const left = room.left();
    setText(label, settings.clock ? t("剩余") : "");
    setText(digits, settings.clock ? countdown(left) : "");
    digits.hidden = !settings.clock;
    label.hidden = !settings.clock;
    setText(toggle, settings.clock ? t("隐藏") : t("显示剩余时间"));
    setAttribute(toggle, "aria-label", settings.clock ? t("隐藏剩余时间") : t("显示剩余时间"));
    setAttribute(element, "data-soon", settings.clock && left <= 5 * 60_000);
  };
  update();
  return { element, update };
}

/** Letter size, contrast, language: a small panel behind one button. */
export function lookMenu(settings: Settings, redraw: () => void): HTMLElement {
  const id = freshId("look");
  const panel = h("div", { class: "look-panel", id, hidden: true });
  const button = h("button", {
    type: "button", class: "plain-button look-button", "data-test": "look", "aria-expanded": "false", "aria-controls": id, onclick: () => open(Boolean(panel.hidden)),
  }, icon("text"), h("span", { class: "wide-only" }, t("显示")));
  setAttribute(button, "aria-label", t("显示设置"));
  const element = h("div", { class: "look" }, button, panel);

  const open = (yes: boolean): void => {
    panel.hidden = !yes;
    setAttribute(button, "aria-expanded", yes ? "true" : "false");
    if (yes) document.addEventListener("click", outside, true);
    else document.removeEventListener("click", outside, true);
  };
  const outside = (event: Event): void => { if (!element.contains(event.target as Node)) open(false); };
  element.addEventListener("keydown", (event) => {
    if ((event as KeyboardEvent).key === "Escape" && !panel.hidden) { open(false); button.focus(); event.stopPropagation(); }
  });

  const choice = (group: string, text: string, on: boolean, test: string, pick: () => void): HTMLElement => {
    const input = h("input", { type: "radio", name: group, "data-test": test, onchange: pick });
    input.checked = on;
    return h("label", { class: "look-choice" }, input, h("span", {}, text));
  };
  const set = (change: () => void, whole: boolean): void => {
    change();
    applySettings(settings);
    if (whole) redraw();
  };
  panel.append(
    h("fieldset", {}, h("legend", {}, t("字号")),
      ([[0, t("标准")], [1, t("较大")], [2, t("最大")]] as const).map(([size, text]) =>
        choice(`${id}-size`, text, settings.size === size, `size-${size}`, () => set(() => { settings.size = size; }, false)))),
    h("fieldset", {}, h("legend", {}, t("对比度")),
      choice(`${id}-contrast`, t("标准"), !settings.contrast, "contrast-normal", () => set(() => { settings.contrast = false; }, false)),
      choice(`${id}-contrast`, t("高对比度"), settings.contrast, "contrast-high", () => set(() => { settings.contrast = true; }, false))),
    h("fieldset", {}, h("legend", {}, t("界面语言")),
      choice(`${id}-language`, "中文", settings.language === "zh", "language-zh", () => set(() => { settings.language = "zh"; }, true)),
      choice(`${id}-language`, "English", settings.language === "en", "language-en", () => set(() => { settings.language = "en"; }, true))),
  );
  return element;
}
