/** Listens to a text control: keys while they come (not half-composed pinyin), and the moment it is left. */

export function onTyping(control: HTMLInputElement | HTMLTextAreaElement, changed: (typing: boolean) => void): void {
  let last = control.value;
  const report = (typing: boolean): void => {
    if (typing && control.value === last) return;
    last = control.value;
    changed(typing);
  };
  control.addEventListener("input", (event) => { if (!(event as InputEvent).isComposing) report(true); });
  control.addEventListener("compositionend", () => report(true));
  control.addEventListener("change", () => report(false));
}

/** Full-width digits, letters and signs as a Chinese keyboard gives them, in their ordinary form. */
export function plain(text: string): string {
  return text.normalize("NFKC").trim();
}

/** What no database keeps: NUL and halves of surrogate pairs. */
export function storable(text: string): string {
  return text.replace(/[\u0000\ud800-\udfff]/gu, "");
}

/** As many characters as the server reads of a figure. */
export const LONGEST_NUMBER = 40;

/**
 * Whether a figure as typed will be read as a number (src/onex/items/typed.py reads it for the score): full-width digits,
 * separators, 元, ¥, %, 万 and the box's own unit are all right. Only for a hint beside the box; it is sent as typed.
 */
export function looksLikeNumber(text: string, unit = ""): boolean {
  let digits = plain(text).replace(/\s/g, "").replace(/。/g, ".").replace(/^[¥￥]/, "");
  const own = plain(unit).replace(/\s/g, "");
  if (own && digits.endsWith(own)) digits = digits.slice(0, -own.length);
  digits = digits.replace(/[%元]$/, "").replace(/万$/, "");
  return /^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?$|^[+-]?\.\d+$/.test(digits);
}
