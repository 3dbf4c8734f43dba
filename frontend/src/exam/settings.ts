/** How this candidate wants to see the page: letter size, contrast, clock, language. Kept in localStorage when there is one. */
import { speak, type Language } from "./i18n";

export interface Settings { size: 0 | 1 | 2; contrast: boolean; clock: boolean; language: Language }

const PLACE = "onex-exam.look";
const ORDINARY: Settings = { size: 0, contrast: false, clock: true, language: "zh" };

export function readSettings(): Settings {
  try {
    const kept = JSON.parse(localStorage.getItem(PLACE) ?? "{}") as Partial<Settings>;
    return {
      size: kept.size === 1 || kept.size === 2 ? kept.size : 0,
      contrast: kept.contrast === true,
      clock: kept.clock !== false,
      language: kept.language === "en" ? "en" : "zh",
    };
  } catch {
    return { ...ORDINARY };
  }
}

/** Puts the settings on the page and keeps them. */
export function applySettings(settings: Settings): void {
  const root = document.documentElement;
  root.dataset["size"] = String(settings.size);
  root.dataset["contrast"] = settings.contrast ? "high" : "normal";
  root.lang = settings.language === "en" ? "en" : "zh-CN";
  speak(settings.language);
  try {
    localStorage.setItem(PLACE, JSON.stringify(settings));
  } catch { /* a browser without storage forgets the look, nothing else */ }
}
