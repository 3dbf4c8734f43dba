/** What Chrome 109 (the last on Windows 7) does not understand in a style sheet; the build's tests look for it. */

const WORDS: readonly [RegExp, string][] = [
  [/light-dark\(/, "light-dark() needs Chrome 123"],
  [/color-mix\(/, "color-mix() needs Chrome 111"],
  [/oklch\(|oklab\((?!,)|[^-\w]lab\(|[^-\w]lch\(|[^-\w]color\(/, "oklch(), lab() and color() need Chrome 111"],
  [/(rgb|hsl)a?\(from /, "relative colours need Chrome 119"],
  [/@starting-style|@scope/, "@starting-style and @scope need Chrome 117"],
  [/:popover-open/, "popover needs Chrome 114"],
];

/** Every problem as a sentence; empty when the style sheet is fit for Chrome 109. */
export function tooNew(css: string): string[] {
  const plain = css.replace(/\/\*[^]*?\*\//g, "").replace(/url\((?:"[^"]*"|'[^']*'|[^)]*)\)|"[^"]*"|'[^']*'/g, '""');
  const found = WORDS.filter(([pattern]) => pattern.test(plain)).map(([, sentence]) => sentence);
  const nested = nestedRule(plain);
  return nested === null ? found : [...found, `nesting needs Chrome 112: ${nested}`];
}

/** The selector of the first rule inside a rule, or null. */
function nestedRule(css: string): string | null {
  const open: boolean[] = []; // whether each open brace belongs to a style rule
  let from = 0;
  for (let i = 0; i < css.length; i += 1) {
    const sign = css[i];
    if (sign === ";" ) from = i + 1;
    else if (sign === "}") {
      open.pop();
      from = i + 1;
    } else if (sign === "{") {
      const head = css.slice(from, i).trim();
      const isStyle = !head.startsWith("@");
      if (open.includes(true)) return head;
      open.push(isStyle);
      from = i + 1;
    }
  }
  return null;
}
