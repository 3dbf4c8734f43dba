/**
 * Words people read in TypeScript: the Chinese sentence is the key, as in Python and templates.
 * Each area brings its own English catalogue with `learn(en)`; the language is that of `<html lang>`.
 */

type Catalogue = Readonly<Record<string, string>>;

const english = new Map<string, string>();

/** Adds an area's English sentences. */
export function learn(catalogue: Catalogue): void {
  for (const [msgid, sentence] of Object.entries(catalogue)) english.set(msgid, sentence);
}

/** The sentence in the page's language, with `{name}` places filled: `t("还剩 {n} 天", { n: 3 })`. */
export function t(msgid: string, values: Readonly<Record<string, string | number>> = {}): string {
  const isEnglish = typeof document !== "undefined" && document.documentElement.lang.startsWith("en");
  const sentence = isEnglish ? (english.get(msgid) ?? msgid) : msgid;
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
