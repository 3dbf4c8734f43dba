/** 表单工具: a form as a platform's back office has it. Value: {field id: text as typed or chosen ids}; empty fields are left out. */
import { freshId, h, setAttribute } from "../dom";
import { t } from "../i18n";
import type { Change, Kind } from "../kinds";
import type { Answer, FormField, FormItem } from "../paper";
import { LONGEST_NUMBER, looksLikeNumber, onTyping, storable } from "../typing";

type Values = { [field: string]: string | number | string[] };

const asValues = (value: Answer): Values => (value !== null && typeof value === "object" && !Array.isArray(value) ? value : {});

/** Longer texts get several lines. */
const LONG = 60;

/** Fewer options than this are shown side by side, more in a list. */
const FEW = 6;

export const kind: Kind<FormItem> = {
  draw(item: FormItem, value: Answer, change: Change): HTMLElement {
    const values: Values = { ...asValues(value) };
    const set = (field: string, next: string | number | string[] | null, typing = false): void => {
      if (next === null || next === "" || (Array.isArray(next) && next.length === 0)) delete values[field];
      else values[field] = next;
      change(Object.keys(values).length > 0 ? { ...values } : null, typing);
    };
    return h("div", { class: "form-tool" }, item.groups.map((group) =>
      h("section", { class: "form-group" },
        h("h2", {}, group.title),
        group.fields.map((field) => drawField(field, values[field.id], set)))));
  },
  progress: (item, value) => {
    const values = asValues(value);
    const fields = item.groups.flatMap((group) => group.fields);
    const filled = fields.filter((field) => values[field.id] !== undefined);
    if (filled.length === 0) return "none";
    const asked = fields.some((field) => field.required) ? fields.filter((field) => field.required) : fields;
    return asked.every((field) => values[field.id] !== undefined) ? "full" : "part";
  },
};

type Set = (field: string, next: string | number | string[] | null, typing?: boolean) => void;

function drawField(field: FormField, value: string | number | string[] | undefined, set: Set): HTMLElement {
  const id = freshId("field");
  const helpId = field.help ? `${id}-help` : null;
  const mark = field.required && h("span", { class: "required" }, t("必填"));
  const help = field.help && h("p", { class: "help", id: `${id}-help` }, field.help);
  const attributes = { "data-field": field.id };

  if (field.type === "choices" || (field.type === "choice" && (field.options ?? []).length <= FEW)) {
    const many = field.type === "choices";
    const chosen = new Set(Array.isArray(value) ? value : value === undefined ? [] : [String(value)]);
    const box = h("div", { class: "picks" });
    const report = (): void => {
      const ids = [...box.querySelectorAll<HTMLInputElement>("input")].filter((input) => input.checked).map((input) => input.value);
      set(field.id, many ? ids : (ids[0] ?? null));
    };
    for (const option of field.options ?? []) {
      const input = h("input", { type: many ? "checkbox" : "radio", name: id, value: option.id, onchange: report, autocomplete: "off" });
      input.checked = chosen.has(option.id);
      box.append(h("label", { class: "pick", "data-option": option.id }, input, h("span", {}, option.text)));
    }
    return h("fieldset", { class: "field", ...attributes, "aria-describedby": helpId }, h("legend", {}, field.label, mark), help, box);
  }

  if (field.type === "choice") {
    const select = h("select", { id, "aria-describedby": helpId, onchange: () => set(field.id, select.value || null) },
      h("option", { value: "" }, t("请选择")),
      (field.options ?? []).map((option) => h("option", { value: option.id }, option.text)));
    select.value = value === undefined ? "" : String(value);
    return h("div", { class: "field", ...attributes }, h("label", { for: id }, field.label, mark), help, select);
  }

  const long = field.type === "text" && (field.max_length ?? 0) > LONG;
  const noteId = `${id}-note`;
  const shared = {
    id, autocomplete: "off", spellcheck: "false", "aria-describedby": [helpId, noteId].filter(Boolean).join(" "),
    maxlength: field.type === "number" ? LONGEST_NUMBER : field.max_length || null,
  };
  const input = long ? h("textarea", { ...shared, rows: Math.min(8, Math.ceil((field.max_length ?? 0) / 60) + 1) })
    : h("input", { ...shared, type: "text", inputmode: field.type === "number" ? "decimal" : null, class: field.type === "number" ? "number" : null });
  input.value = value === undefined ? "" : String(value);
  const note = h("p", { class: "field-note", id: noteId });
  const check = (): void => {
    const wrong = field.type === "number" && input.value.trim() !== "" && !looksLikeNumber(input.value, field.unit);
    note.textContent = wrong ? t("请填写数字，例如 199 或 19.9") : "";
    note.hidden = !wrong;
    setAttribute(input, "aria-invalid", wrong ? "true" : false);
  };
  onTyping(input, (typing) => {
    if (!typing) check();
    // a figure is sent as typed too: the examiner's reader decides, nothing a candidate wrote is thrown away here
    set(field.id, storable(input.value), typing);
  });
  check();
  return h("div", { class: "field", ...attributes },
    h("label", { for: id }, field.label, mark), help,
    field.unit ? h("span", { class: "with-unit" }, input, h("span", { class: "unit" }, field.unit)) : input, note);
}
