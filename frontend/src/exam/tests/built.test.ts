/** The built client: nothing newer than Chromium 86, nothing inline. Checked statically; the browser tests run it for real. */
import { build } from "vite";
import { beforeAll, describe, expect, test } from "vitest";

let css = "";
let js = "";
let html = "";

beforeAll(async () => {
  const output = await build({ configFile: "vite.exam.config.ts", logLevel: "silent", build: { write: false } });
  const files = (Array.isArray(output) ? output : [output]).flatMap((one) => ("output" in one ? one.output : []));
  for (const file of files) {
    const text = file.type === "chunk" ? file.code : String(file.source);
    if (file.fileName.endsWith(".css")) css += text;
    else if (file.fileName.endsWith(".js")) js += text;
    else if (file.fileName.endsWith(".html")) html += text;
  }
}, 60_000);

/** Feature → how it looks in a style sheet. The year is Chromium's version that brought it. */
const TOO_NEW_CSS: [string, RegExp][] = [
  ["light-dark() 123", /light-dark\(/], ["color-mix() 111", /color-mix\(/], ["oklch() 111", /okl(ch|ab)\(/], [":has() 105", /:has\(/],
  [":is() 88", /:is\(/], [":where() 88", /:where\(/], ["aspect-ratio 88", /aspect-ratio\s*:/], ["inset 87", /[;{\s]inset(-block|-inline)?\s*:/],
  ["accent-color 93", /accent-color\s*:/], ["cascade layers 99", /@layer/], ["container queries 105", /@container/], ["nesting 112", /[{;]\s*&|&\s*[:.[>+~]/],
  ["dynamic viewport units 108", /\d[dsl]v[hw]\b/], ["individual transforms 104", /[;{\s](rotate|scale|translate)\s*:/], ["range media queries 104", /@media[^{]*[<>]=?/],
  ["scrollbar-gutter 94", /scrollbar-gutter/], ["overflow: clip 90", /overflow[^;:]*:\s*clip/], ["text-wrap 114", /text-wrap/], ["subgrid 117", /subgrid/],
];

const TOO_NEW_JS: [string, RegExp][] = [
  ["Array.prototype.at 92", /\.at\(/], ["structuredClone 98", /structuredClone/], ["crypto.randomUUID 92", /randomUUID/], ["crypto.subtle (secure contexts)", /\.subtle\b/],
  ["findLast 97", /\.findLast/], ["toSorted 110", /\.to(Sorted|Reversed|Spliced)\(/], ["Object.groupBy 117", /\.groupBy\(/], ["AbortSignal.timeout 103", /AbortSignal\.(timeout|any|abort)\(/],
  ["static blocks 94", /\bstatic\s*\{/], ["#x in object 91", /#\w+\s+in\s/], ["service workers (secure contexts)", /serviceWorker/], ["Web Locks (secure contexts)", /navigator\.locks/],
  ["Intl.Segmenter 87", /Segmenter/], ["regular expression flags d and v", /\/[gimsuy]*[dv][gimsuy]*\.(test|exec)\(/], ["Promise.withResolvers 119", /withResolvers/], ["popover 114", /\.showPopover\(/],
  ["String.prototype.replaceAll is 85, but not needed", /\.replaceAll\(/], ["Array.fromAsync 121", /fromAsync/], ["inert 102", /\.inert\b/],
];

describe("the built style sheet", () => {
  test("is there", () => { expect(css.length).toBeGreaterThan(8_000); });
  for (const [feature, look] of TOO_NEW_CSS) test(`does without ${feature}`, () => { expect(css).not.toMatch(look); });
});

describe("the built script", () => {
  test("is there, and small", () => {
    expect(js.length).toBeGreaterThan(20_000);
    expect(js.length).toBeLessThan(200_000);
  });
  for (const [feature, look] of TOO_NEW_JS) test(`does without ${feature}`, () => { expect(js).not.toMatch(look); });

  test("mends Object.hasOwn before the hash library asks for it", () => {
    const mended = js.search(/\.hasOwn\s*(\|\||=)/);
    const asked = js.search(/Object\.hasOwn\(/);
    expect(mended).toBeGreaterThanOrEqual(0);
    expect(asked === -1 || mended < asked).toBe(true);
  });

  test("never writes HTML, inline style or code from text", () => {
    expect(js).not.toMatch(/innerHTML|insertAdjacentHTML|document\.write|outerHTML|\beval\(|new Function\(/);
    expect(js).not.toMatch(/setAttribute\("style"/);
  });
});

describe("the shell", () => {
  test("has nothing inline and only addresses of its own", () => {
    expect(html).toContain('<div id="exam">');
    expect(html).not.toMatch(/<style|style=|\son\w+=/);
    for (const [, attributes, inside] of html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)) {
      expect(attributes).toMatch(/src="\/exam\/assets\//);
      expect(inside).toBe("");
    }
    expect(html).not.toMatch(/(src|href)="(https?:|data:|\/\/)/);
  });
});
