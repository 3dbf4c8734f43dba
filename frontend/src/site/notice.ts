/** One sentence at the lower edge, read out by screen readers, gone after a while unless it is bad news. */
import { t } from "../i18n";

export type Tone = "good" | "info" | "warn" | "bad";

export function notice(sentence: string, tone: Tone = "info"): void {
  const place = document.getElementById("ox-notices");
  if (place === null) return;
  const box = document.createElement("div");
  box.className = `ox-notice ox-tone-${tone}`;
  const words = document.createElement("span");
  words.textContent = sentence;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "ox-notice-close";
  close.setAttribute("aria-label", t("关闭"));
  close.textContent = "×";
  close.addEventListener("click", () => box.remove());
  box.append(words, close);
  place.append(box);
  if (tone !== "bad") window.setTimeout(() => box.remove(), 6000);
}
