/**
 * Turns Tabler's CSS into colours that Chrome 109 understands: every `light-dark()`, `color-mix()` and `oklch()` is
 * computed now, from the `:root` values with ours on top, and the dark theme goes away.
 *
 * Formulas: CSS Color 4 §9 (OKLab and OKLCh to sRGB), CSS Color 5 §2 (color-mix, premultiplied).
 */

interface Colour {
  l: number; // OKLab lightness 0..1
  a: number;
  b: number;
  alpha: number; // 0..1
}

type Table = Map<string, string>;

export interface StaticResult {
  css: string;
  /** Functions whose colour is only known inside a component; they became their first colour. */
  guessed: string[];
}

export function staticColours(css: string, tokens: string): StaticResult {
  const own = customProperties(tokens, () => true);
  const table: Table = new Map([...customProperties(css, isRoot), ...own]);
  const guessed: string[] = [];
  const palette = customProperties(css, isRoot);
  let written = withoutDark(css).replace(/(--tblr-[\w-]+):([^;}]*)/g, (all, name: string, value: string) =>
    // Tabler declares its palette in several :root blocks; ours must win whatever the order.
    own.has(name) && isPaletteValue(value) ? `${name}:${own.get(name)}` : all,
  );
  // Some rules repeat a palette colour as a literal instead of naming it.
  for (const [name, value] of own) {
    const literal = palette.get(name);
    if (!literal?.startsWith("oklch(")) continue;
    for (const spelling of [literal, literal.replace(/ 0\./g, " .")]) written = written.split(spelling).join(value);
  }
  return { css: replaceFunctions(written, table, guessed), guessed };
}

function isRoot(selector: string): boolean {
  return /(^|,):root(,|$)/.test(selector);
}

/** Palette declarations are plain colours or references; component rules that set the same name locally are rare. */
function isPaletteValue(value: string): boolean {
  return /^(\s*(oklch|light-dark|#|rgb|\d|system-ui|var\(--tblr-(gray|white|light))|.*(px|rem)$)/.test(value.trim());
}

function customProperties(css: string, wanted: (selector: string) => boolean): Table {
  const found: Table = new Map();
  for (const [, selector = "", body = ""] of css.replace(/\/\*[^]*?\*\//g, "").matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    if (!wanted(selector.slice(selector.lastIndexOf(";") + 1).trim())) continue;
    for (const [, name = "", value = ""] of body.matchAll(/(--[\w-]+)\s*:\s*([^;]*)/g)) found.set(name, value.trim());
  }
  return found;
}

/** Drops selectors of the dark theme and rules that have no other. */
export function withoutDark(css: string): string {
  return css.replace(/([^{};]+)\{([^{}]*)\}/g, (all, selector: string) => {
    if (!/dark\]|theme-dark|navbar-theme|\.hide-theme|\.img-(dark|light)/.test(selector)) return all;
    const kept = splitTop(selector).filter((one) => !/dark\]|theme-dark|navbar-theme|\.hide-theme|\.img-(dark|light)/.test(one));
    return kept.length > 0 ? all.replace(selector, kept.join(",")) : "";
  });
}

const FUNCTION = /(light-dark|color-mix|oklch)\(/g;

function replaceFunctions(css: string, table: Table, guessed: string[]): string {
  let out = "";
  let rest = 0;
  for (;;) {
    FUNCTION.lastIndex = rest;
    const hit = FUNCTION.exec(css);
    if (hit === null) return out + css.slice(rest);
    const end = closing(css, hit.index + hit[0].length);
    out += css.slice(rest, hit.index) + inline(css.slice(hit.index, end), table, guessed);
    rest = end;
  }
}

function inline(expression: string, table: Table, guessed: string[]): string {
  const colour = evaluate(expression, table, 0);
  if (colour !== null) return print(colour);
  const faded = withRuntimeOpacity(expression, table);
  if (faded !== null) return faded;
  guessed.push(expression);
  const inner = expression.slice(expression.indexOf("(") + 1, -1);
  const parts = splitTop(inner);
  const first = (expression.startsWith("color-mix") ? parts[1] : parts[0])?.trim() ?? "transparent";
  const bare = expression.startsWith("color-mix") ? first.replace(/\s+(calc\([^]*\)|var\([^)]*\)|[\d.]+%)$/, "") : first;
  return /^(light-dark|color-mix|oklch)\(/.test(bare) ? inline(bare, table, guessed) : bare;
}

/** `color-mix(in oklab, C calc(var(--o, 1) * 100%), transparent)` is C with an opacity that utilities set. */
function withRuntimeOpacity(expression: string, table: Table): string | null {
  const parts = /^color-mix\(in oklab,\s*(.+?)\s+calc\((var\(--[\w-]+(?:,\s*[\d.]+)?\))\s*\*\s*100%\),\s*transparent\)$/.exec(expression);
  const colour = parts?.[1] === undefined ? null : evaluate(parts[1], table, 0);
  if (parts?.[2] === undefined || colour === null) return null;
  const [red, green, blue] = channels(colour);
  const opacity = parts[2].includes(",") ? parts[2] : parts[2].replace(/\)$/, ",1)");
  return `rgba(${red},${green},${blue},${opacity})`;
}

/** The colour an expression stands for at :root, or null when it depends on something inside a component. */
export function evaluate(expression: string, table: Table, depth: number): Colour | null {
  const text = expression.trim();
  if (depth > 12) return null;
  if (text === "transparent") return { l: 0, a: 0, b: 0, alpha: 0 };
  if (text === "white") return fromRgb(255, 255, 255, 1);
  if (text === "black") return fromRgb(0, 0, 0, 1);
  if (/^#[0-9a-f]{3,8}$/i.test(text)) return fromHex(text.slice(1));
  const call = /^([a-z-]+)\(([^]*)\)$/.exec(text);
  if (call === null) return null;
  const [, name = "", inside = ""] = call;
  const parts = splitTop(inside);
  if (name === "var") {
    const value = table.get(parts[0]?.trim() ?? "");
    return value === undefined ? null : evaluate(value, table, depth + 1);
  }
  if (name === "light-dark") return evaluate(parts[0] ?? "", table, depth + 1);
  if (name === "rgb" || name === "rgba") return fromRgbText(inside);
  if (name === "oklch") return fromOklch(inside, table, depth);
  if (name === "color-mix") return mix(parts, table, depth);
  return null;
}

function mix(parts: string[], table: Table, depth: number): Colour | null {
  if (!/^\s*in oklab\s*$/.test(parts[0] ?? "") || parts.length !== 3) return null;
  const [first, firstShare] = weighted(parts[1] ?? "", table, depth);
  const [second, secondShare] = weighted(parts[2] ?? "", table, depth);
  if (first === null || second === null || firstShare === null || secondShare === null) return null;
  const p = Number.isNaN(firstShare) ? (Number.isNaN(secondShare) ? 0.5 : 1 - secondShare) : firstShare;
  const alpha = first.alpha * p + second.alpha * (1 - p);
  const blend = (x: number, y: number): number =>
    alpha === 0 ? 0 : (x * first.alpha * p + y * second.alpha * (1 - p)) / alpha;
  return { l: blend(first.l, second.l), a: blend(first.a, second.a), b: blend(first.b, second.b), alpha };
}

/** A colour with its share; NaN when none is written, null when the share is only known at run time. */
function weighted(text: string, table: Table, depth: number): [Colour | null, number | null] {
  const whole = text.trim();
  const plain = /^([^]*?)\s+([\d.]+)%$/.exec(whole);
  if (plain) return [evaluate(plain[1] ?? "", table, depth + 1), Number(plain[2]) / 100];
  const computed = /^([^]*?)\s+calc\(var\((--[\w-]+)\)\s*\*\s*100%\)$/.exec(whole);
  if (computed) {
    const value = Number(table.get(computed[2] ?? ""));
    return [evaluate(computed[1] ?? "", table, depth + 1), Number.isNaN(value) ? null : value];
  }
  return whole.includes("calc(") ? [null, null] : [evaluate(whole, table, depth + 1), Number.NaN];
}

function fromOklch(inside: string, table: Table, depth: number): Colour | null {
  const relative = /^from\s+([^]+?)\s+calc\(l\s*([+-])\s*([\d.]+)\)\s+c\s+h$/.exec(inside.trim());
  if (relative) {
    const base = evaluate(relative[1] ?? "", table, depth + 1);
    const step = Number(relative[3]) * (relative[2] === "-" ? -1 : 1);
    return base === null ? null : { ...base, l: Math.min(1, Math.max(0, base.l + step)) };
  }
  const numbers = inside.replace(/none/g, "0").match(/[\d.]+/g)?.map(Number);
  if (numbers === undefined || numbers.length < 3) return null;
  const [light = 0, chroma = 0, hue = 0, alpha = 1] = numbers;
  const turn = (hue * Math.PI) / 180;
  return { l: light / 100, a: chroma * Math.cos(turn), b: chroma * Math.sin(turn), alpha };
}

function fromHex(hex: string): Colour {
  const long = hex.length <= 4 ? [...hex].map((digit) => digit + digit).join("") : hex;
  const at = (i: number): number => parseInt(long.slice(i, i + 2), 16);
  return fromRgb(at(0), at(2), at(4), long.length === 8 ? at(6) / 255 : 1);
}

function fromRgbText(inside: string): Colour | null {
  if (inside.includes("var(")) return null;
  const parts = inside.split(/[\s,/]+/).filter(Boolean);
  const value = (part = "0"): number => (part.endsWith("%") ? (parseFloat(part) / 100) * 255 : parseFloat(part));
  const alpha = parts[3] === undefined ? 1 : parts[3].endsWith("%") ? parseFloat(parts[3]) / 100 : parseFloat(parts[3]);
  return fromRgb(value(parts[0]), value(parts[1]), value(parts[2]), alpha);
}

function fromRgb(red: number, green: number, blue: number, alpha: number): Colour {
  const linear = (value: number): number => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {
    l: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    a: 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    b: 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
    alpha,
  };
}

function channels({ l: light, a, b }: Colour): [number, number, number] {
  const l = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (light - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const gamma = (value: number): number => {
    const v = value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
    return Math.round(Math.min(1, Math.max(0, v)) * 255);
  };
  return [
    gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    gamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function print(colour: Colour): string {
  const [red, green, blue] = channels(colour);
  if (colour.alpha >= 0.9995) return `#${[red, green, blue].map((n) => n.toString(16).padStart(2, "0")).join("")}`;
  return `rgba(${red},${green},${blue},${Number(colour.alpha.toFixed(3))})`;
}

function closing(css: string, from: number): number {
  let depth = 1;
  for (let i = from; i < css.length; i += 1) {
    if (css[i] === "(") depth += 1;
    else if (css[i] === ")" && (depth -= 1) === 0) return i + 1;
  }
  throw new Error("unclosed parenthesis in CSS");
}

export function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === "(") depth += 1;
    else if (text[i] === ")") depth -= 1;
    else if (text[i] === "," && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}
