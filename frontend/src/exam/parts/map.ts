/** The question map of the theory paper and the outline of the practical: where I am, what is done, what is flagged. */
import { h, icon, setAttribute, setText } from "../dom";
import { t } from "../i18n";
import { progressOf, type Progress } from "../kinds";
import { numbered, type Paper } from "../paper";
import type { Room } from "../room";
import type { Part } from "./head";

export interface Tally { answered: number; part: number; none: number; flagged: number; total: number }

export function tally(room: Room, paper: Paper): Tally {
  const sum: Tally = { answered: 0, part: 0, none: 0, flagged: 0, total: 0 };
  for (const { item } of numbered(paper)) {
    const progress = progressOf(item, room.answers.get(item.id));
    sum.total += 1;
    if (progress === "full") sum.answered += 1;
    else if (progress === "part") sum.part += 1;
    else sum.none += 1;
    if (room.flags.has(item.id)) sum.flagged += 1;
  }
  return sum;
}

export function progressWord(progress: Progress): string {
  return progress === "full" ? t("已答") : progress === "part" ? t("部分作答") : t("未答");
}

/** Numbers in a grid, one group per section. */
export function questionMap(room: Room, paper: Paper, picked: () => void): Part {
  const cells = new Map<string, HTMLButtonElement>();
  const all = numbered(paper);
  const summary = h("p", { class: "map-summary", "data-test": "map-summary" });
  const element = h("div", { class: "map" }, summary,
    paper.sections.map((section) => h("section", { class: "map-section" },
      h("h2", {}, section.title, section.points_each !== undefined && h("span", { class: "map-note" }, t("每题 {n} 分", { n: section.points_each }))),
      h("ol", { class: "map-grid" }, all.filter((one) => one.section === section).map(({ item, number }) => {
        const cell = h("button", {
          type: "button", class: "map-cell", "data-test": "map-cell", "data-item": item.id, "data-number": number,
          onclick: () => { room.goTo(item.id); picked(); },
        }, number);
        cells.set(item.id, cell);
        return h("li", {}, cell);
      })))),
    h("ul", { class: "legend", "aria-hidden": "true" },
      h("li", {}, h("span", { class: "map-cell sample", "data-answered": "full" }), t("已答")),
      h("li", {}, h("span", { class: "map-cell sample", "data-answered": "none" }), t("未答")),
      h("li", {}, h("span", { class: "map-cell sample", "data-answered": "none", "data-flagged": "true" }), t("已标记")),
      h("li", {}, h("span", { class: "map-cell sample", "data-answered": "none", "aria-current": "true" }), t("当前题"))));
  const update = (): void => {
    for (const { item, number } of all) {
      const cell = cells.get(item.id)!;
      const progress = progressOf(item, room.answers.get(item.id));
      const flagged = room.flags.has(item.id);
      setAttribute(cell, "data-answered", progress);
      setAttribute(cell, "data-flagged", flagged ? "true" : "false");
      setAttribute(cell, "aria-current", room.current === item.id ? "true" : false);
      setAttribute(cell, "aria-label", [t("第 {n} 题", { n: number }), progressWord(progress), flagged ? t("已标记") : ""].filter(Boolean).join("，"));
    }
    const sum = tally(room, paper);
    setText(summary, t("共 {total} 题，已答 {answered}，未答 {none}，标记 {flagged}", { ...sum, none: sum.none + sum.part }));
  };
  update();
  return { element, update };
}

/** Modules and their items with titles, for the practical. */
export function outline(room: Room, paper: Paper, picked: () => void): Part {
  const cells = new Map<string, { button: HTMLButtonElement; state: HTMLElement }>();
  const all = numbered(paper);
  const element = h("div", { class: "outline" },
    paper.sections.map((section) => h("section", { class: "outline-section" },
      h("h2", {}, section.title, section.weight !== undefined && h("span", { class: "map-note" }, t("占 {n}%", { n: section.weight }))),
      h("ol", {}, all.filter((one) => one.section === section).map(({ item, number }) => {
        const state = h("span", { class: "outline-state" });
        const button = h("button", {
          type: "button", class: "outline-item", "data-test": "map-cell", "data-item": item.id, "data-number": number,
          onclick: () => { room.goTo(item.id); picked(); },
        }, h("span", { class: "outline-mark", "aria-hidden": "true" }, icon("check")),
          h("span", { class: "outline-title" }, `${number}. ${item.title ?? item.stem ?? ""}`),
          state, icon("flag"));
        cells.set(item.id, { button, state });
        return h("li", {}, button);
      })))));
  const update = (): void => {
    for (const { item } of all) {
      const { button, state } = cells.get(item.id)!;
      const progress = progressOf(item, room.answers.get(item.id));
      const flagged = room.flags.has(item.id);
      setAttribute(button, "data-answered", progress);
      setAttribute(button, "data-flagged", flagged ? "true" : "false");
      setAttribute(button, "aria-current", room.current === item.id ? "true" : false);
      setText(state, [t("{n} 分", { n: item.points }), progressWord(progress), flagged ? t("已标记") : ""].filter(Boolean).join(" · "));
    }
  };
  update();
  return { element, update };
}
