/** Chinese is the source; English is en.json. A word without a translation fails `tests/words.test.ts`. */
import english from "./en.json";

export type Language = "zh" | "en";

let language: Language = "zh";

export function speak(next: Language): void {
  language = next;
}

export function spoken(): Language {
  return language;
}

/** The sentence in the chosen language, with `{name}` replaced by the given values. */
export function t(chinese: string, values: Record<string, string | number> = {}): string {
  let sentence = language === "en" ? ((english as Record<string, string>)[chinese] ?? chinese) : chinese;
  // "{n} question | {n} questions": English counts, Chinese does not
  if (language === "en" && sentence.includes(" | ")) sentence = sentence.split(" | ")[values["n"] === 1 ? 0 : 1] ?? sentence;
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : String(value);
  });
}

const ZONE = "Asia/Shanghai"; // the exam's own time, whatever zone the machine was left in

/** 11月24日 周二 09:00 — an instant of the server's clock, in the exam's zone. */
export function dayAndTime(at: number): string {
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : "zh-CN", {
    timeZone: ZONE, month: language === "en" ? "short" : "long", day: "numeric", weekday: "short",
    hour: "2-digit", minute: "2-digit", hour12: false,
  }).format(at);
}

/** 09:00:05 */
export function timeOfDay(at: number, seconds = false): string {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: ZONE, hour: "2-digit", minute: "2-digit", hour12: false, ...(seconds ? { second: "2-digit" as const } : {}),
  }).format(at);
}

/** 1:02:03 or 02:03: what is left, whole seconds, never negative. */
export function countdown(ms: number): string {
  const all = Math.max(0, Math.ceil(ms / 1000));
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = Math.floor(all / 3600);
  const rest = `${two(Math.floor((all % 3600) / 60))}:${two(all % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}
