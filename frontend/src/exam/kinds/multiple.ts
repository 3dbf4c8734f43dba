/** 多选题: the chosen letters in order, or null. */
import { h } from "../dom";
import { t } from "../i18n";
import type { Change, Kind } from "../kinds";
import type { Answer, ChoiceItem } from "../paper";
import { optionCard } from "./single";

export const kind: Kind<ChoiceItem> = {
  draw(item: ChoiceItem, value: Answer, change: Change): HTMLElement {
    const chosen = new Set(Array.isArray(value) ? value : []);
    const box = h("div", { class: "options", role: "group", "aria-labelledby": "item-title item-stem" });
    const report = (): void => {
      const letters = [...box.querySelectorAll<HTMLInputElement>("input")].filter((input) => input.checked).map((input) => input.value).sort();
      change(letters.length > 0 ? letters : null);
    };
    box.append(...item.options.map((option) => optionCard(item, option, "checkbox", chosen.has(option.id), report)));
    return h("div", {}, box, h("p", { class: "under-options" }, t("多选题：选出所有符合题意的选项，可以再次点击取消。")));
  },
  progress: (_item, value) => (Array.isArray(value) && value.length > 0 ? "full" : "none"),
};
