/**
 * Rows that can be chosen: checkboxes `[data-select-row]` and `[data-select-all]` in `[data-selection]`; the bar
 * `[data-selection-bar]` shows how many are chosen and `{n}` in `data-confirm-pattern` becomes that number.
 */
import { t } from "../i18n";

export function watchSelection(root: Document): void {
  root.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    const area = box.closest<HTMLElement>("[data-selection]");
    if (area === null || !box.matches("[data-select-row], [data-select-all]")) return;
    if (box.matches("[data-select-all]")) for (const row of rowsOf(area)) row.checked = box.checked;
    show(area);
  });
  // What is ticked already: a refused form comes back with its ticks, and so does the browser's own memory of a page.
  const found = (): void => {
    for (const area of root.querySelectorAll<HTMLElement>("[data-selection]")) show(area);
  };
  found();
  root.defaultView?.addEventListener("pageshow", found);
}

function rowsOf(area: HTMLElement): HTMLInputElement[] {
  return [...area.querySelectorAll<HTMLInputElement>("[data-select-row]:not(:disabled)")];
}

function show(area: HTMLElement): void {
  const rows = rowsOf(area);
  const chosen = rows.filter((row) => row.checked).length;
  for (const row of rows) row.closest("tr")?.classList.toggle("is-chosen", row.checked);
  const all = area.querySelector<HTMLInputElement>("[data-select-all]");
  if (all) {
    all.checked = chosen > 0 && chosen === rows.length;
    all.indeterminate = chosen > 0 && chosen < rows.length;
  }
  const bar = area.querySelector<HTMLElement>("[data-selection-bar]");
  if (bar === null) return;
  bar.hidden = chosen === 0;
  const count = bar.querySelector("[data-selection-count]");
  if (count) count.textContent = t("已选 {n} 条", { n: chosen });
  for (const button of bar.querySelectorAll<HTMLElement>("[data-confirm-pattern]")) {
    button.dataset.confirm = (button.dataset.confirmPattern ?? "").replace("{n}", String(chosen));
  }
}
