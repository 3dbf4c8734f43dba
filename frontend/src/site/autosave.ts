/**
 * `<form data-autosave="<address>">` keeps a draft two seconds after the last change, and before a button sends the
 * form, and says so in the form's `[data-autosave-state]`. The server answers 2xx when the draft is on disk, as JSON
 * `{saved, note, fields, address, replace}` what the page becomes by it; `{problem}` says why not, and nothing is lost:
 * without a line, or signed out, the form is not sent at all, and what was typed stays in the page.
 */
import { t } from "../i18n";

const QUIET_MS = 2000;

interface Answer {
  saved?: string;
  note?: string;
  problem?: string;
  waits?: boolean;
  fields?: Record<string, string>; // hidden fields of the form, by name
  address?: string; // what the form is about from now on
  replace?: Record<string, string>; // parts of the page, by selector
}

/** kept: on disk; refused: the server says why, and will say it again on a page; stuck: sending would lose the page. */
type Outcome = "kept" | "refused" | "stuck";

const timers = new WeakMap<HTMLFormElement, number>();
const running = new WeakMap<HTMLFormElement, Promise<Outcome>>();
const away = new WeakSet<HTMLFormElement>();
const checked = new WeakSet<HTMLFormElement>();

export function watchAutosave(root: Document): void {
  const touched = (event: Event): void => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-autosave]");
    if (form === null || (event.target as HTMLInputElement).type === "file") return;
    window.clearTimeout(timers.get(form));
    timers.set(form, window.setTimeout(() => void keep(form), QUIET_MS));
    say(form, "waiting", t("尚未保存"));
  };
  root.addEventListener("input", touched);
  // Before anybody else hears of it: what sends the form must not run twice.
  root.addEventListener("submit", (event) => void before(event), true);
  root.defaultView?.addEventListener("focus", () => {
    for (const form of root.querySelectorAll<HTMLFormElement>("form[data-autosave]")) if (away.has(form)) void comeBack(form);
  });
}

async function before(event: SubmitEvent): Promise<void> {
  const form = event.target as HTMLFormElement;
  if (form.dataset.autosave === undefined || (event.submitter && "noDraft" in event.submitter.dataset)) return;
  window.clearTimeout(timers.get(form));
  if (checked.delete(form)) return;
  const sender = event.submitter;
  event.preventDefault();
  event.stopImmediatePropagation();
  if ((await keep(form)) === "stuck") return;
  checked.add(form);
  form.requestSubmit(sender);
}

/** One at a time: the second would carry the revision that the first has just used up. */
async function keep(form: HTMLFormElement): Promise<Outcome> {
  await running.get(form);
  const mine = send(form);
  running.set(form, mine);
  return mine;
}

async function send(form: HTMLFormElement): Promise<Outcome> {
  say(form, "saving", t("正在保存…"));
  const token = form.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
  try {
    const answer = await fetch(form.dataset.autosave || form.action, {
      method: "POST",
      body: words(form),
      headers: { "X-CSRFToken": token, "X-Autosave": "1" },
    });
    if (answer.redirected || answer.status === 401 || answer.status === 403) {
      away.add(form);
      say(form, "failed", t("登录已失效，未能保存。请在新标签页重新登录，再回到本页，会自动保存"));
      return "stuck";
    }
    const told = answer.headers.get("Content-Type")?.includes("json") ? ((await answer.json()) as Answer) : {};
    if (answer.ok && told.problem === undefined) return become(form, told);
    if (told.problem === undefined) throw new Error(String(answer.status));
    say(form, told.waits ? "waiting" : "failed", told.waits ? told.problem : t("未能保存：{problem}", { problem: told.problem }));
    return "refused";
  } catch {
    say(form, "failed", t("未能保存，您填写的内容仍在本页，请勿关闭"));
    return "stuck";
  }
}

/** What was typed, without files: those go when a button sends the form. */
function words(form: HTMLFormElement): FormData {
  const typed = new FormData();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") typed.append(name, value);
  return typed;
}

function become(form: HTMLFormElement, told: Answer): Outcome {
  delete form.dataset.dirty;
  for (const [name, value] of Object.entries(told.fields ?? {})) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = value;
  }
  if (told.address !== undefined && told.address !== form.getAttribute("action")) {
    form.setAttribute("action", told.address);
    form.dataset.autosave = told.address;
    history.replaceState(null, "", told.address); // loading the page again shows the draft
  }
  for (const [selector, html] of Object.entries(told.replace ?? {})) {
    const place = document.querySelector(selector);
    if (place !== null) place.outerHTML = html;
  }
  const sentence = t("已保存 {time}", { time: told.saved ?? clock(new Date()) });
  say(form, told.note ? "noted" : "saved", told.note ? `${sentence}${t("，")}${told.note}` : sentence);
  return "kept";
}

/** Somebody may have signed in again in another tab: a page fetched now tells, and carries the token of that session. */
async function comeBack(form: HTMLFormElement): Promise<void> {
  try {
    const answer = await fetch(form.action);
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector<HTMLInputElement>("form[data-autosave] [name=csrfmiddlewaretoken]")?.value;
    if (token === undefined) return;
    for (const field of document.querySelectorAll<HTMLInputElement>("[name=csrfmiddlewaretoken]")) field.value = token;
    away.delete(form);
    await keep(form);
  } catch {
    // still no line: the next time the page is looked at
  }
}

/** Hours and minutes, as people read them. */
export function clock(at: Date): string {
  return `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
}

function say(form: HTMLFormElement, state: string, sentence: string): void {
  const place = form.querySelector<HTMLElement>("[data-autosave-state]");
  if (place === null) return;
  place.dataset.autosaveState = state;
  place.textContent = sentence;
}
