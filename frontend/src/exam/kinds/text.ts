/** 文本题: a text within a length, counted while it is typed. */
import { freshId, h, setAttribute, setText } from "../dom";
import { t } from "../i18n";
import type { Change, Kind } from "../kinds";
import type { Answer, TextItem } from "../paper";
import { onTyping, storable } from "../typing";

/** Characters as the examiner's note counts them (src/onex/items/typed.py `length`): inner spaces too, outer ones not. */
export function countCharacters(text: string): number {
  return [...text.trim()].length;
}

export const kind: Kind<TextItem> = {
  draw(item: TextItem, value: Answer, change: Change): HTMLElement {
    const countId = freshId("count");
    const area = h("textarea", {
      class: "text-answer", "data-test": "text-answer", rows: 14, maxlength: item.max_chars || null, spellcheck: "false", autocomplete: "off",
      "aria-labelledby": "item-title", "aria-describedby": countId,
    });
    area.value = typeof value === "string" ? value : "";
    const count = h("p", { class: "count", id: countId });
    const show = (): void => {
      const n = countCharacters(area.value);
      const { min_chars: least = 0, max_chars: most = 0 } = item;
      const full = most > 0 && area.value.length >= most;
      const words = full ? t("已写 {n} 字，已到上限 {most} 字", { n, most })
        : n < least ? t("已写 {n} 字，至少还需 {more} 字", { n, more: least - n })
        : most ? t("已写 {n} 字，最多 {most} 字", { n, most }) : t("已写 {n} 字", { n });
      setText(count, words);
      setAttribute(count, "data-full", full);
    };
    onTyping(area, (typing) => {
      show();
      change(area.value === "" ? null : storable(area.value), typing);
    });
    show();
    return h("div", { class: "text-tool" },
      item.criteria && item.criteria.length > 0 && h("details", { class: "criteria", open: true },
        h("summary", {}, t("评分要点")),
        h("ul", {}, item.criteria.map((one) => h("li", {}, one.title, h("span", { class: "points" }, t("{n} 分", { n: one.points })))))),
      area, count);
  },
  progress: (item, value) => {
    if (typeof value !== "string" || countCharacters(value) === 0) return "none";
    return countCharacters(value) < (item.min_chars ?? 0) ? "part" : "full";
  },
};
