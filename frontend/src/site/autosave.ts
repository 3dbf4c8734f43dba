/**
 * `<form data-autosave="<address>">` keeps a draft two seconds after the last change and says so in the form's
 * `[data-autosave-state]`. The server answers 2xx when the draft is on disk; anything else is said, and nothing is lost.
 */
import { t } from "../i18n";

const QUIET_MS = 2000;

export function watchAutosave(root: Document): void {
  const timers = new WeakMap<HTMLFormElement, number>();
  root.addEventListener("input", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-autosave]");
    if (form === null) return;
    window.clearTimeout(timers.get(form));
    timers.set(form, window.setTimeout(() => void keep(form), QUIET_MS));
    say(form, "waiting", t("尚未保存"));
  });
}

async function keep(form: HTMLFormElement): Promise<void> {
  say(form, "saving", t("正在保存…"));
  const token = form.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
  try {
    const answer = await fetch(form.dataset.autosave ?? form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-CSRFToken": token, "X-Autosave": "1" },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    delete form.dataset.dirty;
    say(form, "saved", t("已保存 {time}", { time: clock(new Date()) }));
  } catch {
    say(form, "failed", t("未能保存，您填写的内容仍在本页，请勿关闭"));
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
