/**
 * Pasting cells from a spreadsheet into a table of fields (`table[data-paste]`) fills row by row from the field that
 * has the focus; `data-paste="<id of a template>"` adds rows from that `<template>` (with `__n__` for the number).
 */

export function watchPaste(root: Document): void {
  root.addEventListener("paste", (event) => {
    const start = event.target as HTMLElement;
    const table = start.closest<HTMLTableElement>("table[data-paste]");
    const text = (event as ClipboardEvent).clipboardData?.getData("text/plain") ?? "";
    const cells = cellsOf(text);
    if (table === null || !isMany(cells)) return;
    event.preventDefault();
    fill(root, table, start, cells);
  });
}

/** What a spreadsheet puts on the clipboard: rows by line, cells by tab; quoted cells may hold both. */
export function cellsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = "";
  let quoted = false;
  const body = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let i = 0; i < body.length; i += 1) {
    const sign = body[i];
    if (quoted) {
      if (sign === '"' && body[i + 1] === '"') { cell += '"'; i += 1; }
      else if (sign === '"') quoted = false;
      else cell += sign;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === "\t" || sign === "\n") {
      rows[rows.length - 1]?.push(cell.trim());
      cell = "";
      if (sign === "\n") rows.push([]);
    } else cell += sign;
  }
  rows[rows.length - 1]?.push(cell.trim());
  return rows;
}

function isMany(cells: string[][]): boolean {
  return cells.length > 1 || (cells[0]?.length ?? 0) > 1;
}

function fieldsOf(row: Element | undefined): HTMLInputElement[] {
  return row === undefined ? [] : [...row.querySelectorAll<HTMLInputElement>("input:not([type=hidden]), select, textarea")];
}

function fill(root: Document, table: HTMLTableElement, start: HTMLElement, cells: string[][]): void {
  const body = table.tBodies[0];
  const first = start.closest("tr");
  if (body === undefined || first === null) return;
  const column = Math.max(0, fieldsOf(first).indexOf(start as HTMLInputElement));
  let index = [...body.rows].indexOf(first);
  for (const row of cells) {
    if (body.rows[index] === undefined && !addRow(root, table, body, index)) return;
    const fields = fieldsOf(body.rows[index]).slice(column);
    row.forEach((value, i) => {
      const field = fields[i];
      if (field === undefined) return;
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    index += 1;
  }
}

function addRow(root: Document, table: HTMLTableElement, body: HTMLTableSectionElement, number: number): boolean {
  const pattern = table.dataset.paste ? root.getElementById(table.dataset.paste) : null;
  if (!(pattern instanceof HTMLTemplateElement)) return false;
  const holder = root.createElement("tbody");
  holder.innerHTML = pattern.innerHTML.replace(/__n__/g, String(number));
  body.append(...holder.children);
  return true;
}
