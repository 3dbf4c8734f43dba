// @vitest-environment jsdom
/** Each kind: what it shows for a value and what it reports for a change. */
import { beforeEach, describe, expect, test } from "vitest";
import { kindOf, progressOf } from "../kinds";
import { readBlock } from "../kinds/sheet";
import { countCharacters } from "../kinds/text";
import type { Answer, Item } from "../paper";
import { looksLikeNumber, plain, storable } from "../typing";
import { asTicketNo } from "../screens/sign-in";

const options = ["A", "B", "C", "D"].map((id) => ({ id, text: `选项 ${id}` }));
const ITEMS = {
  single: { id: "s1", kind: "single", stem: "？", points: 1, options },
  multiple: { id: "m1", kind: "multiple", stem: "？", points: 2, options },
  scenario: { id: "c1", kind: "scenario", stem: "？", points: 2, options, material: "材料" },
  text: { id: "t1", kind: "text", title: "脚本", brief: "写", points: 10, min_chars: 5, max_chars: 12, criteria: [{ title: "完整", points: 10 }] },
  form: {
    id: "f1", kind: "form", title: "上架", brief: "填", points: 10, groups: [{
      title: "商品", fields: [
        { id: "title", label: "标题", type: "text", max_length: 20, required: true },
        { id: "price", label: "价格", type: "number", unit: "元", required: true },
        { id: "type", label: "类目", type: "choice", options: options.slice(0, 3) },
        { id: "ship", label: "时效", type: "choice", options: [..."ABCDEFG"].map((id) => ({ id, text: id })) },
        { id: "service", label: "服务", type: "choices", options: options.slice(0, 3) },
      ],
    }],
  },
  sheet: {
    id: "x1", kind: "sheet", title: "指标", brief: "算", points: 10,
    columns: [{ id: "gmv", label: "成交金额", unit: "元", input: false }, { id: "rate", label: "转化率", unit: "%", input: true, decimals: 2 }, { id: "gpm", label: "GPM", input: true }],
    rows: [{ id: "r1", label: "第一场", cells: { gmv: "1,000" } }, { id: "r2", label: "第二场", cells: { gmv: "2,000", gpm: "50" } }, { id: "r3", label: "第三场", cells: { gmv: "900" } }],
  },
};

let reported: [Answer, boolean][];
function draw(name: keyof typeof ITEMS, value: Answer = null): HTMLElement {
  const item = ITEMS[name] as unknown as Item;
  const element = kindOf(item)!.draw(item, value, (next, typing = false) => reported.push([next, typing]));
  document.body.replaceChildren(element);
  return element;
}
const last = (): Answer | undefined => reported[reported.length - 1]?.[0];
const progress = (name: keyof typeof ITEMS, value: Answer): string => progressOf(ITEMS[name] as unknown as Item, value);

function type(input: HTMLInputElement | HTMLTextAreaElement | null, text: string): void {
  input!.value = text;
  input!.dispatchEvent(new Event("input", { bubbles: true }));
}
function leave(input: HTMLElement | null): void {
  input!.dispatchEvent(new Event("change", { bubbles: true }));
}

beforeEach(() => { reported = []; });

test("there is a file for every kind of the contract", () => {
  for (const kind of ["single", "multiple", "scenario", "form", "sheet", "text"]) expect(kindOf({ id: "x", kind, points: 1 }), kind).toBeDefined();
  expect(kindOf({ id: "x", kind: "hologram", points: 1 })).toBeUndefined();
});

describe("single and scenario", () => {
  for (const name of ["single", "scenario"] as const) {
    test(`${name}: one letter, changed by a click, cleared by the button`, () => {
      const element = draw(name, "B");
      const chosen = [...element.querySelectorAll<HTMLInputElement>("input")].filter((input) => input.checked).map((input) => input.value);
      expect(chosen).toEqual(["B"]);
      element.querySelector<HTMLElement>('[data-option="C"]')!.click();
      expect(last()).toBe("C");
      element.querySelector<HTMLElement>("[data-test=clear]")!.click();
      expect(last()).toBeNull();
      expect([progress(name, null), progress(name, "C")]).toEqual(["none", "full"]);
    });
  }
});

describe("multiple", () => {
  test("the chosen letters in order, none is null", () => {
    const element = draw("multiple", ["C"]);
    element.querySelector<HTMLElement>('[data-option="A"]')!.click();
    expect(last()).toEqual(["A", "C"]);
    element.querySelector<HTMLElement>('[data-option="A"]')!.click();
    element.querySelector<HTMLElement>('[data-option="C"]')!.click();
    expect(last()).toBeNull();
    expect([progress("multiple", null), progress("multiple", ["A"])]).toEqual(["none", "full"]);
  });
});

describe("text", () => {
  test("reports while typing, shows what was written, empty is null", () => {
    const element = draw("text", "大家好");
    const area = element.querySelector("textarea");
    expect(area!.value).toBe("大家好");
    type(area, "大家好，欢迎");
    expect(reported).toEqual([["大家好，欢迎", true]]);
    leave(area);
    expect(reported[1]).toEqual(["大家好，欢迎", false]);
    type(area, "");
    expect(last()).toBeNull();
  });

  test("does not report half-composed pinyin, and does once it is a word", () => {
    const area = draw("text").querySelector("textarea")!;
    area.value = "zhi";
    area.dispatchEvent(new InputEvent("input", { isComposing: true, bubbles: true }));
    expect(reported).toEqual([]);
    area.value = "直播";
    area.dispatchEvent(new CompositionEvent("compositionend"));
    expect(last()).toBe("直播");
  });

  test("counts as the examiner's note counts and stops at the limit", () => {
    expect(countCharacters(" 直播 𠅤a\n")).toBe(5);
    const element = draw("text", "一二三");
    expect(element.querySelector(".count")!.textContent).toContain("至少还需 2 字");
    expect(element.querySelector("textarea")!.maxLength).toBe(12);
    expect([progress("text", "一二"), progress("text", "一二三四五"), progress("text", "  ")]).toEqual(["part", "full", "none"]);
  });

  test("drops what no database keeps", () => {
    expect(storable("a\u0000b\ud800c😀")).toBe("abc😀");
  });
});

describe("form", () => {
  test("fills every field from the value and reports the whole value at every change", () => {
    const value = { title: "脐橙", price: "29.9", type: "B", ship: "F", service: ["A", "C"] };
    const element = draw("form", value);
    const field = (id: string): HTMLElement => element.querySelector<HTMLElement>(`[data-field="${id}"]`)!;
    expect(field("title").querySelector("input")!.value).toBe("脐橙");
    expect(field("price").querySelector("input")!.value).toBe("29.9");
    expect(field("ship").querySelector("select")!.value).toBe("F");
    expect([...field("service").querySelectorAll("input")].map((input) => input.checked)).toEqual([true, false, true]);
    field("type").querySelector<HTMLElement>('[data-option="C"]')!.click();
    expect(last()).toEqual({ ...value, type: "C" });
    type(field("price").querySelector("input"), "３０．５元");
    expect(last()).toEqual({ ...value, type: "C", price: "３０．５元" }); // as typed
    type(field("title").querySelector("input"), "");
    field("service").querySelector<HTMLElement>('[data-option="A"]')!.click();
    field("service").querySelector<HTMLElement>('[data-option="C"]')!.click();
    expect(last()).toEqual({ type: "C", ship: "F", price: "３０．５元" });
  });

  test("says beside the field what is not a number, and keeps it all the same", () => {
    const element = draw("form");
    const input = element.querySelector<HTMLInputElement>('[data-field="price"] input')!;
    type(input, "三十");
    leave(input);
    expect(input.getAttribute("aria-invalid")).toBe("true");
    expect(last()).toEqual({ price: "三十" });
    type(input, "1.2万");
    leave(input);
    expect(input.hasAttribute("aria-invalid")).toBe(false);
  });

  test("is complete with the required fields, and null when nothing is left", () => {
    expect([progress("form", null), progress("form", { title: "x" }), progress("form", { title: "x", price: "1" })]).toEqual(["none", "part", "full"]);
    const input = draw("form", { title: "x" }).querySelector("input");
    type(input, "");
    expect(last()).toBeNull();
  });
});

describe("sheet", () => {
  const cell = (element: HTMLElement, key: string): HTMLInputElement => element.querySelector<HTMLInputElement>(`[data-cell="${key}"]`)!;

  test("only the candidate's cells can be filled; they are kept as typed", () => {
    const element = draw("sheet", { "r1.rate": "3.8%" });
    expect([...element.querySelectorAll<HTMLInputElement>("input")].map((input) => input.dataset["cell"])).toEqual(["r1.rate", "r1.gpm", "r2.rate", "r3.rate", "r3.gpm"]);
    expect(cell(element, "r1.rate").value).toBe("3.8%");
    type(cell(element, "r3.gpm"), "１２，３４５");
    expect(last()).toEqual({ "r1.rate": "3.8%", "r3.gpm": "１２，３４５" });
    expect(cell(element, "r1.rate").getAttribute("aria-label")).toBe("第一场，转化率 %");
  });

  test("arrows and Enter move between the cells and pass over given ones", () => {
    const element = draw("sheet");
    const press = (key: string): void => { document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })); };
    cell(element, "r1.gpm").focus();
    press("ArrowDown"); // r2.gpm is given
    expect((document.activeElement as HTMLElement).dataset["cell"]).toBe("r3.gpm");
    press("ArrowLeft");
    expect((document.activeElement as HTMLElement).dataset["cell"]).toBe("r3.rate");
    press("ArrowUp");
    press("Enter");
    expect((document.activeElement as HTMLElement).dataset["cell"]).toBe("r3.rate");
    press("ArrowDown"); // the edge
    expect((document.activeElement as HTMLElement).dataset["cell"]).toBe("r3.rate");
  });

  test("a block from a spreadsheet fills the cells it covers and leaves given ones alone", () => {
    const element = draw("sheet");
    const event = new Event("paste", { bubbles: true, cancelable: true }) as Event & { clipboardData: unknown };
    event.clipboardData = { getData: () => "2.81\t39.9\r\n3.00\t88\r\n4.1\t 77 \r\n" };
    cell(element, "r1.rate").dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
    expect(last()).toEqual({ "r1.rate": "2.81", "r1.gpm": "39.9", "r2.rate": "3.00", "r3.rate": "4.1", "r3.gpm": "77" });
    expect(reported).toHaveLength(1);
  });

  test("blocks are read with quotes, tabs and either line end", () => {
    expect(readBlock("a\tb\r\nc\td\r\n")).toEqual([["a", "b"], ["c", "d"]]);
    expect(readBlock('"x\ty"\t"he said ""no"""\n1\t')).toEqual([["x\ty", 'he said "no"'], ["1", ""]]);
    expect(readBlock("7")).toEqual([["7"]]);
  });

  test("is complete when every open cell is filled", () => {
    const all = { "r1.rate": "1", "r1.gpm": "1", "r2.rate": "1", "r3.rate": "1", "r3.gpm": "1" };
    expect([progress("sheet", null), progress("sheet", { "r1.rate": "1" }), progress("sheet", { "r1.rate": " " }), progress("sheet", all)]).toEqual(["none", "part", "none", "full"]);
  });
});

describe("what a keyboard gives", () => {
  test("full-width digits and letters are the ordinary ones", () => {
    expect(plain("　２４６８１０ ")).toBe("246810");
    expect(asTicketNo("ａｂ－２０２６ ０００１")).toBe("AB20260001");
  });

  test("figures are told from words the way the score reads them", () => {
    for (const figure of ["12", "12,345.6", "１２，３４５．６ 元", "1.2万", "3.8%", "¥29.9", ".5", "-3", "5 件"]) expect(looksLikeNumber(figure, "件"), figure).toBe(true);
    for (const words of ["五百", "1,5", "12a", "--", "1.2.3", ""]) expect(looksLikeNumber(words), words).toBe(false);
  });
});
