// @vitest-environment jsdom
/** Drafts that keep themselves, as a person meets them: what is said, what the page becomes, what is never sent. */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { watchAutosave } from "./autosave";

const PAGE = `<form data-autosave="/new/" action="/new/"><input name="csrfmiddlewaretoken" value="old"><input type="hidden" name="revision">
  <input name="staff"><input type="file" name="materials"><button name="then" value="save">保存</button>
  <button name="then" value="drop" data-no-draft>删除草稿</button><span data-autosave-state></span></form><div id="checklist">旧</div>`;

interface Sent { url: string; body: FormData | null; token: string }
let sent: Sent[];
let answers: (() => Response)[];
let submitted: string[];

const json = (value: unknown, status = 200) => () => new Response(JSON.stringify(value), { status, headers: { "Content-Type": "application/json" } });
const find = <E extends Element>(selector: string): E => document.querySelector<E>(selector) as E;
const said = () => find("[data-autosave-state]").textContent;
const settle = () => vi.advanceTimersByTimeAsync(2100);

function type(value: string): void {
  const field = find<HTMLInputElement>("[name=staff]");
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

beforeAll(() => {
  watchAutosave(document);
  document.addEventListener("submit", (event) => {
    event.preventDefault();
    submitted.push(((event as SubmitEvent).submitter as HTMLButtonElement).value);
  });
});

beforeEach(() => {
  vi.useFakeTimers();
  document.documentElement.lang = "zh-CN";
  document.body.innerHTML = PAGE;
  [sent, answers, submitted] = [[], [], []];
  vi.stubGlobal("fetch", (url: string, asked?: RequestInit) => {
    sent.push({ url, body: (asked?.body as FormData) ?? null, token: (asked?.headers as Record<string, string>)?.["X-CSRFToken"] ?? "" });
    const answer = answers.shift();
    return answer === undefined ? Promise.reject(new TypeError("no line")) : Promise.resolve(answer());
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a form that keeps itself", () => {
  it("keeps what was typed after two quiet seconds, without files, and becomes the draft's own page", async () => {
    answers = [json({ saved: "14:02", fields: { revision: "3" }, address: "/draft/7/", replace: { "#checklist": '<div id="checklist">新</div>' } }), json({ saved: "14:03" })];
    type("专任教师 12 人");
    expect(said()).toBe("尚未保存");
    await settle();
    expect(said()).toBe("已保存 14:02");
    expect([...(sent[0]?.body?.keys() ?? [])]).not.toContain("materials");
    expect(find<HTMLInputElement>("[name=revision]").value).toBe("3");
    expect([find("form").getAttribute("action"), location.pathname, find("#checklist").textContent]).toEqual(["/draft/7/", "/draft/7/", "新"]);
    type("专任教师 13 人");
    await settle();
    expect(sent[1]?.url).toBe("/draft/7/");
  });

  it("says what the server says against it", async () => {
    answers = [json({ problem: "不能重复申报。" }, 409), json({ problem: "选择试点证书后自动保存", waits: true }, 202), json({ saved: "14:02", note: "申报时间已结束" })];
    type("一");
    await settle();
    expect(said()).toBe("未能保存：不能重复申报。");
    type("二");
    await settle();
    expect(said()).toBe("选择试点证书后自动保存");
    type("三");
    await settle();
    expect(said()).toBe("已保存 14:02，申报时间已结束");
  });

  it("is kept once more before a button sends it, and is sent by that button", async () => {
    answers = [json({ saved: "14:02" })];
    find<HTMLButtonElement>("button").click();
    expect(submitted).toEqual([]);
    await settle();
    expect(submitted).toEqual(["save"]);
    expect(sent.length).toBe(1);
  });

  it("is not kept before a button that throws it away", () => {
    find<HTMLButtonElement>("[data-no-draft]").click();
    expect([submitted, sent.length]).toEqual([["drop"], 0]);
  });

  it("stays on the page without a line or when its person is signed out, and is kept when they are back", async () => {
    find<HTMLButtonElement>("button").click();
    await settle();
    expect([submitted, said()]).toEqual([[], "未能保存，您填写的内容仍在本页，请勿关闭"]);
    answers = [() => new Response("", { status: 403 })];
    find<HTMLButtonElement>("button").click();
    await settle();
    expect(submitted).toEqual([]);
    expect(said()).toContain("登录已失效");
    answers = [() => new Response('<form data-autosave="x"><input name="csrfmiddlewaretoken" value="fresh"></form>'), json({ saved: "14:09" })];
    window.dispatchEvent(new Event("focus"));
    await settle();
    expect(said()).toBe("已保存 14:09");
    expect(sent[sent.length - 1]?.token).toBe("fresh");
  });
});
