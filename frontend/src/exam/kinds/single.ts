/** 单选题: one letter, or null. */
import { h } from "../dom";
import { t } from "../i18n";
import type { Change, Kind } from "../kinds";
import type { Answer, ChoiceItem, Option } from "../paper";

/** One of the options as a card that is a label: the whole card is the target. Shared by the three choice kinds. */
export function optionCard(item: ChoiceItem, option: Option, type: "radio" | "checkbox", checked: boolean, changed: () => void): HTMLElement {
  const input = h("input", { type, name: `item-${item.id}`, value: option.id, onchange: changed, autocomplete: "off" });
  input.checked = checked;
  return h("label", { class: "option", "data-option": option.id }, input,
    h("span", { class: "option-letter", "aria-hidden": "true" }, option.id),
    h("span", { class: "option-text" }, option.text));
}

export const kind: Kind<ChoiceItem> = {
  draw(item: ChoiceItem, value: Answer, change: Change): HTMLElement {
    const box = h("div", { class: "options", role: "radiogroup", "aria-labelledby": "item-title item-stem" });
    const inputs = (): HTMLInputElement[] => [...box.querySelectorAll<HTMLInputElement>("input")];
    const report = (): void => {
      const chosen = inputs().find((input) => input.checked);
      clear.hidden = !chosen;
      change(chosen ? chosen.value : null);
    };
    const clear = h("button", {
      type: "button", class: "quiet", "data-test": "clear", onclick: () => {
        for (const input of inputs()) input.checked = false;
        report();
        inputs()[0]?.focus();
      },
    }, t("清除本题选择"));
    clear.hidden = typeof value !== "string";
    box.append(...item.options.map((option) => optionCard(item, option, "radio", option.id === value, report)));
    return h("div", {}, box, h("p", { class: "under-options" }, clear));
  },
  progress: (_item, value) => (typeof value === "string" ? "full" : "none"),
};
