/** 数据表工具: a sheet with given figures and cells to fill. Value: {"row.column": text as typed}; empty cells are left out. */
import { h, setAttribute } from "../dom";
import { t } from "../i18n";
import type { Change, Kind } from "../kinds";
import type { Answer, SheetItem } from "../paper";
import { LONGEST_NUMBER, looksLikeNumber, onTyping, storable } from "../typing";

type Cells = { [cell: string]: string };

function asCells(value: Answer): Cells {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, String(one)]));
}

/** The cells a candidate fills, in reading order. */
export function openCells(item: SheetItem): string[] {
  return item.rows.flatMap((row) => item.columns.filter((column) => column.input && row.cells[column.id] === undefined).map((column) => `${row.id}.${column.id}`));
}

/** A block copied from a spreadsheet: rows of cells. Quoted cells may hold line breaks and tabs. */
export function readBlock(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /"((?:[^"]|"")*)"(?=[\t\r\n]|$)|[^\t\r\n]*/y;
  let at = 0;
  while (at <= text.length) {
    cell.lastIndex = at;
    const found = cell.exec(text);
    const whole = found?.[0] ?? "";
    rows[rows.length - 1]!.push((found?.[1] !== undefined ? found[1].replace(/""/g, '"') : whole).trim());
    at += whole.length;
    if (at >= text.length) break;
    if (text[at] === "\t") { at += 1; continue; }
    at += text.startsWith("\r\n", at) ? 2 : 1;
    if (at >= text.length) break; // Excel ends a block with a line break
    rows.push([]);
  }
  return rows;
}

export const kind: Kind<SheetItem> = {
  draw(item: SheetItem, value: Answer, change: Change): HTMLElement {
    const cells = asCells(value);
    const grid: (HTMLInputElement | null)[][] = [];
    const report = (typing: boolean): void => change(Object.keys(cells).length > 0 ? { ...cells } : null, typing);
    const put = (input: HTMLInputElement): void => {
      const key = input.dataset["cell"] ?? "";
      if (input.value === "") delete cells[key];
      else cells[key] = storable(input.value);
    };
    const mark = (input: HTMLInputElement): void => {
      const odd = input.value.trim() !== "" && !looksLikeNumber(input.value, input.dataset["unit"]);
      setAttribute(input, "aria-invalid", odd ? "true" : false);
      hint.hidden = !grid.some((row) => row.some((one) => one?.getAttribute("aria-invalid") === "true"));
    };
    const hint = h("p", { class: "field-note", hidden: true }, t("标出的格子不是数字，请检查。"));

    const move = (row: number, column: number, down: number, right: number): boolean => {
      let r = row + down;
      let c = column + right;
      while (grid[r] && c >= 0 && c < grid[r]!.length) {
        const target = grid[r]![c];
        if (target) { target.focus(); target.select(); return true; }
        r += down;
        c += right;
      }
      return false;
    };

    const keys = (event: KeyboardEvent, input: HTMLInputElement, row: number, column: number): void => {
      if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      const whole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
      const atStart = whole || (input.selectionStart === 0 && input.selectionEnd === 0);
      const atEnd = whole || input.selectionStart === input.value.length;
      const done = event.key === "ArrowUp" || (event.key === "Enter" && event.shiftKey) ? move(row, column, -1, 0)
        : event.key === "ArrowDown" || event.key === "Enter" ? move(row, column, 1, 0)
        : event.key === "ArrowLeft" && atStart && !event.shiftKey ? move(row, column, 0, -1)
        : event.key === "ArrowRight" && atEnd && !event.shiftKey ? move(row, column, 0, 1) : false;
      if (done || event.key === "Enter") event.preventDefault();
      event.stopPropagation();
    };

    const paste = (event: ClipboardEvent, row: number, column: number): void => {
      const block = readBlock(event.clipboardData?.getData("text") ?? "");
      if (block.length === 1 && block[0]!.length === 1) return; // one value: the browser's own paste keeps the caret
      event.preventDefault();
      block.forEach((line, down) => line.forEach((text, right) => {
        const input = grid[row + down]?.[column + right];
        if (!input) return; // a given figure, or beyond the sheet
        input.value = text.slice(0, LONGEST_NUMBER);
        put(input);
        mark(input);
      }));
      report(false);
    };

    const body = item.rows.map((row, r) => {
      grid[r] = [];
      return h("tr", {}, h("th", { scope: "row" }, row.label), item.columns.map((column, c) => {
        const given = row.cells[column.id];
        if (given !== undefined || !column.input) {
          grid[r]![c] = null;
          return h("td", { class: given !== undefined && looksLikeNumber(String(given), column.unit) ? "given figure" : "given" }, given ?? "");
        }
        const key = `${row.id}.${column.id}`;
        const input = h("input", {
          type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", "data-cell": key, "data-unit": column.unit ?? "", maxlength: LONGEST_NUMBER,
          "aria-label": t("{row}，{column}", { row: row.label, column: column.unit ? `${column.label} ${column.unit}` : column.label }),
          onkeydown: (event) => keys(event as KeyboardEvent, input, r, c),
          onpaste: (event) => paste(event as ClipboardEvent, r, c),
        });
        input.value = cells[key] ?? "";
        onTyping(input, (typing) => {
          put(input);
          if (!typing) mark(input);
          report(typing);
        });
        mark(input);
        grid[r]![c] = input;
        return h("td", { class: "fill" }, input);
      }));
    });

    const corner = h("td", {});
    return h("div", { class: "sheet-tool" },
      h("div", { class: "sheet-scroll", tabindex: "0", role: "region", "aria-label": item.title },
        h("table", { class: "sheet" },
          h("thead", {}, h("tr", {}, corner, item.columns.map((column) =>
            h("th", { scope: "col", class: column.input ? "fill" : null }, column.label, column.unit && h("span", { class: "unit" }, column.unit),
              column.input && column.decimals !== undefined && h("span", { class: "unit" }, t("保留 {n} 位小数", { n: column.decimals })))))),
          h("tbody", {}, body))),
      hint,
      h("p", { class: "help" }, t("白色格子由你填写。方向键、Tab 和 Enter 在格子之间移动；可以整块粘贴。")));
  },
  progress: (item, value) => {
    const cells = asCells(value);
    const open = openCells(item);
    const filled = open.filter((key) => (cells[key] ?? "").trim() !== "");
    return filled.length === 0 ? "none" : filled.length === open.length ? "full" : "part";
  },
};
