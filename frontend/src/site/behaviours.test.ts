// @vitest-environment jsdom
/** The small behaviours as a person meets them: what is typed, chosen, pasted and confirmed. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { learn, t } from "../i18n";
import { clock } from "./autosave";
import { csv } from "./charts";
import { watchConfirmations } from "./confirm";
import { size } from "./drop";
import { option } from "./echarts";
import en from "./en.json";
import { watchFill } from "./fill";
import { fillFromFragment } from "./fragment";
import { watchUnsaved } from "./guard";
import { cellsOf, watchPaste } from "./paste";
import { watchPolls } from "./poll";
import { watchReview } from "./review";
import { watchSelection } from "./selection";

beforeAll(() => {
  learn(en);
  for (const watch of [watchConfirmations, watchFill, watchUnsaved, watchPaste, watchPolls, watchReview, watchSelection]) watch(document);
  // jsdom has no modal dialogs; opening and closing is all that is needed of them here.
  HTMLDialogElement.prototype.showModal ??= function show(this: HTMLDialogElement) { this.open = true; };
  HTMLDialogElement.prototype.close ??= function close(this: HTMLDialogElement, value?: string) {
    this.returnValue = value ?? "";
    this.open = false;
    this.dispatchEvent(new Event("close"));
  };
});

beforeEach(() => {
  document.documentElement.lang = "zh-CN";
  document.body.innerHTML = "";
});

const find = <E extends Element>(selector: string): E => {
  const found = document.querySelector<E>(selector);
  if (found === null) throw new Error(`${selector} is not on the page`);
  return found;
};

describe("a grave button", () => {
  const page = `<form><button data-confirm="确定作废这 3 张证书？">作废</button></form>
    <dialog id="ox-confirm"><p data-question></p><button data-cancel></button><button data-agree></button></dialog>`;

  it("asks first, names the object, and does nothing when the person cancels", async () => {
    document.body.innerHTML = page;
    let sent = 0;
    find("form").addEventListener("submit", (event) => { event.preventDefault(); sent += 1; });
    find<HTMLButtonElement>("form button").click();
    expect(find("[data-question]").textContent).toBe("确定作废这 3 张证书？");
    expect(find("[data-agree]").textContent).toBe("作废");
    find<HTMLDialogElement>("dialog").close("no");
    await Promise.resolve();
    expect(sent).toBe(0);
  });

  it("says what is missing before it asks", () => {
    document.body.innerHTML = page.replace("<form>", '<form><textarea name="note" required></textarea>');
    find<HTMLButtonElement>("form button").click();
    expect(find("[data-question]").textContent).toBe("");
    expect(find<HTMLDialogElement>("dialog").open).toBe(false);
    find<HTMLTextAreaElement>("textarea").value = "师资不足";
    find<HTMLButtonElement>("form button").click();
    expect(find("[data-question]").textContent).toBe("确定作废这 3 张证书？");
  });

  it("goes on once when the person agrees", async () => {
    document.body.innerHTML = page;
    let sent = 0;
    find("form").addEventListener("submit", (event) => { event.preventDefault(); sent += 1; });
    find<HTMLButtonElement>("form button").click();
    find<HTMLDialogElement>("dialog").close("yes");
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(sent).toBe(1);
  });
});

describe("choosing rows", () => {
  it("counts what is chosen and puts the number into the question", () => {
    document.body.innerHTML = `<div data-selection><input type="checkbox" data-select-all>
      <table><tr><td><input type="checkbox" data-select-row></td></tr><tr><td><input type="checkbox" data-select-row></td></tr>
      <tr><td><input type="checkbox" data-select-row disabled></td></tr></table>
      <div data-selection-bar hidden><span data-selection-count></span><button data-confirm-pattern="确定退回所选的 {n} 份申报？"></button></div></div>`;
    const all = find<HTMLInputElement>("[data-select-all]");
    all.checked = true;
    all.dispatchEvent(new Event("change", { bubbles: true }));
    expect(find("[data-selection-count]").textContent).toBe("已选 2 条");
    expect(find<HTMLElement>("[data-confirm-pattern]").dataset.confirm).toBe("确定退回所选的 2 份申报？");
    expect(find<HTMLElement>("[data-selection-bar]").hidden).toBe(false);
  });

  it("shows what is ticked already when a page comes back with its ticks", () => {
    document.body.innerHTML = `<div data-selection><input type="checkbox" data-select-all>
      <table><tr><td><input type="checkbox" data-select-row checked></td></tr><tr><td><input type="checkbox" data-select-row></td></tr></table>
      <div data-selection-bar hidden><span data-selection-count></span></div></div>`;
    window.dispatchEvent(new Event("pageshow"));
    expect(find("[data-selection-count]").textContent).toBe("已选 1 条");
    expect(find<HTMLElement>("[data-selection-bar]").hidden).toBe(false);
    expect(find<HTMLInputElement>("[data-select-all]").indeterminate).toBe(true);
  });
});

describe("pasting from a spreadsheet", () => {
  it("reads rows, tabs, quotes and line breaks inside cells", () => {
    expect(cellsOf('张三\t"两\n行"\t"说""好"""\r\n李四\t\t3\n')).toEqual([["张三", "两\n行", '说"好"'], ["李四", "", "3"]]);
  });

  it("fills from the field with the focus and adds rows", () => {
    document.body.innerHTML = `<table data-paste="row"><tbody><tr><td><input name="a-0"></td><td><input name="b-0"></td></tr></tbody></table>
      <template id="row"><tr><td><input name="a-__n__"></td><td><input name="b-__n__"></td></tr></template>`;
    const event = new Event("paste", { bubbles: true, cancelable: true });
    Object.assign(event, { clipboardData: { getData: () => "一机房\t50\n二机房\t56\n" } });
    find("[name=a-0]").dispatchEvent(event);
    expect([...document.querySelectorAll("input")].map((field) => [field.name, field.value])).toEqual([
      ["a-0", "一机房"], ["b-0", "50"], ["a-1", "二机房"], ["b-1", "56"],
    ]);
    expect(event.defaultPrevented).toBe(true);
  });

  it("leaves a single word to the browser", () => {
    document.body.innerHTML = '<table data-paste="x"><tbody><tr><td><input name="a"></td></tr></tbody></table>';
    const event = new Event("paste", { bubbles: true, cancelable: true });
    Object.assign(event, { clipboardData: { getData: () => "一机房" } });
    find("[name=a]").dispatchEvent(event);
    expect(event.defaultPrevented).toBe(false);
  });
});

it("a canned reason is added to what is already written", () => {
  document.body.innerHTML = '<button data-fill="#note" data-text="师资情况不完整"></button><textarea id="note">请补充：</textarea>';
  find<HTMLButtonElement>("button").click();
  expect(find<HTMLTextAreaElement>("#note").value).toBe("请补充：\n师资情况不完整");
});

it("a slip's code comes out of the address into its field, and does not stay there", () => {
  history.replaceState(null, "", "/s/?from=qr#c=K7QM2ZPA9XWD");
  document.body.innerHTML = '<form><input type="hidden" name="t"><input name="code" data-from-fragment="c"><input name="name"></form>';
  fillFromFragment(document, window);
  expect(find<HTMLInputElement>("[name=code]").value).toBe("K7QM2ZPA9XWD");
  expect(document.activeElement).toBe(find("[name=name]"));
  expect(location.href).toMatch(/\/s\/\?from=qr$/);
});

it("what was typed is not overwritten, and another fragment is left alone", () => {
  history.replaceState(null, "", "/s/#c=OTHER");
  document.body.innerHTML = '<form><input name="code" value="TYPED" data-from-fragment="c"></form>';
  fillFromFragment(document, window);
  expect(find<HTMLInputElement>("[name=code]").value).toBe("TYPED");
  expect(location.hash).toBe("#c=OTHER");
});

it("leaving a form with unsaved input asks, leaving an untouched one does not", () => {
  document.body.innerHTML = '<form data-guard><input name="a"></form>';
  const leave = (): boolean => {
    const event = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(leave()).toBe(false);
  find("input").dispatchEvent(new Event("input", { bubbles: true }));
  expect(leave()).toBe(true);
});

it("the keys of a review work, but not while a reason is being typed", () => {
  document.body.innerHTML = '<div data-review><button data-review-key="approve"></button><textarea></textarea></div>';
  let approved = 0;
  const button = find<HTMLButtonElement>("button");
  button.scrollIntoView = () => undefined;
  button.addEventListener("click", () => { approved += 1; });
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
  find("textarea").dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
  expect(approved).toBe(1);
});

describe("charts", () => {
  const spec = { kind: "bar" as const, title: "名额", unit: "人", categories: ["湖南"], series: [{ name: "批准", values: [3] }, { name: "已使用", values: [1], colour: 4 }] };

  it("bars start at zero and an entity keeps its colour", () => {
    const drawn = option(spec, false) as { yAxis: { min: number }; series: { itemStyle: { color: string } }[] };
    expect(drawn.yAxis.min).toBe(0);
    expect(drawn.series[1]?.itemStyle.color).toBe("#5a6472");
  });

  it("bars of long names lie, the first at the top, and still start at zero", () => {
    const drawn = option({ ...spec, kind: "rows" }, false) as { xAxis: { type: string; min: number }; yAxis: { data: string[]; inverse: boolean } };
    expect([drawn.xAxis.type, drawn.xAxis.min, drawn.yAxis.inverse]).toEqual(["value", 0, true]);
    expect(drawn.yAxis.data).toEqual(["湖南"]);
  });

  it("the exported table opens in Excel as Chinese and holds no formula", () => {
    document.body.innerHTML = '<table><tr><th>省份</th><td>=1+1</td><td>-5</td><td>说"好"</td></tr></table>';
    expect(csv(find("table"))).toBe('\uFEFF"省份","\'=1+1","-5","说""好"""');
  });
});

describe("words", () => {
  it("are Chinese, and English on an English page", () => {
    expect(t("已选 {n} 条", { n: 3 })).toBe("已选 3 条");
    document.documentElement.lang = "en";
    expect(t("已选 {n} 条", { n: 3 })).toBe("3 selected");
  });

  it("all have their English", () => {
    const sources = import.meta.glob<string>(["./*.ts", "!./*.test.ts"], { query: "?raw", import: "default", eager: true });
    const said = Object.values(sources).flatMap((source) => [...source.matchAll(/\bt\(\s*"([^"]+)"/g)].map((match) => match[1] ?? ""));
    expect(said.length).toBeGreaterThan(8);
    expect(said.filter((msgid) => !(msgid in en))).toEqual([]);
    expect(Object.keys(en).filter((msgid) => !said.includes(msgid))).toEqual([]);
  });

  it("sizes and times read as people say them", () => {
    expect([size(900), size(20_480), size(15_728_640)]).toEqual(["900 B", "20 KB", "15.0 MB"]);
    expect(clock(new Date(2026, 10, 24, 9, 5))).toBe("09:05");
  });
});

describe("what asks every few seconds", () => {
  it("says that the picture is old while nobody answers, and takes it back with the next answer", () => {
    document.body.innerHTML = '<p id="stale" hidden></p><div id="room" data-poll="#stale"></div><div id="other"></div>';
    const tell = (name: string, asker: string): boolean => document.dispatchEvent(new CustomEvent(name, { detail: { ctx: { sourceElement: find(asker) } } }));
    tell("htmx:error", "#other");
    expect(find<HTMLElement>("#stale").hidden).toBe(true);
    tell("htmx:error", "#room");
    expect(find<HTMLElement>("#stale").hidden).toBe(false);
    tell("htmx:after:request", "#room");
    expect(find<HTMLElement>("#stale").hidden).toBe(true);
  });
});
