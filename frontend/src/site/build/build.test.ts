/** The style sheet and script that really ship: built here, in memory, and held against Chrome 109. */
import tabler from "@tabler/core/dist/css/tabler.min.css?raw";
import { build, type Rolldown } from "vite";
import { beforeAll, describe, expect, it } from "vitest";
import tokens from "../tokens.css?raw";
import { staticColours } from "./staticColours";
import { tooNew } from "./tooNew";

const config = decodeURIComponent(new URL("../../../vite.config.ts", import.meta.url).pathname);
let css = "";
let js = "";

beforeAll(async () => {
  const built = (await build({ configFile: config, logLevel: "silent", build: { write: false } })) as Rolldown.RolldownOutput;
  for (const file of built.output) {
    if (file.type === "chunk") js += file.code;
    else if (file.fileName.endsWith(".css")) css += String(file.source);
  }
}, 60_000);

describe("the built style sheet", () => {
  it("is understood by Chrome 109", () => {
    expect(css.length).toBeGreaterThan(100_000);
    expect(tooNew(css)).toEqual([]);
  });

  it("carries our primary colour and not Tabler's", () => {
    expect(css).toContain("--tblr-primary:#17559f");
    expect(css).not.toContain("#066fd1");
  });

  it("has no dark theme to fall into", () => {
    expect(css).not.toMatch(/data-bs-theme=["']?dark/);
  });

  it("keeps every text colour of the four states at 4.5:1 on white and on its own soft tone", () => {
    const token = (name: string): string => new RegExp(`--ox-${name}:(#[0-9a-f]{6})`).exec(css)?.[1] ?? "";
    for (const tone of ["info", "good", "warn", "bad", "neutral"]) {
      expect(contrast(token(tone), "#ffffff"), tone).toBeGreaterThan(4.5);
      expect(contrast(token(tone), token(`${tone}-soft`)), `${tone} on soft`).toBeGreaterThan(4.5);
    }
  });
});

describe("the built script", () => {
  it("calls nothing that Chrome 109 lacks", () => {
    expect(js).not.toMatch(/\.toSorted\(|\.toReversed\(|Object\.groupBy|Promise\.withResolvers|AbortSignal\.any\(|Array\.fromAsync|URL\.canParse/);
  });

  it("fetches the chart library only when a chart is there", () => {
    expect(js).toMatch(/import\(["'`]\.\/echarts-/);
  });
});

describe("the guard itself", () => {
  it.each([
    [".a{color:light-dark(#000,#fff)}"],
    [".a{color:color-mix(in oklab,red 10%,transparent)}"],
    [".a{color:oklch(50% .1 20)}"],
    [".a{color:red;.b{color:blue}}"],
    [".a{&:hover{color:blue}}"],
    [".a{@media (min-width:1px){.b{color:red}}}"],
  ])("notices %s", (planted) => {
    expect(tooNew(planted)).not.toEqual([]);
  });

  it("lets media queries, keyframes and data: pictures pass", () => {
    expect(tooNew("@media print{.a{color:red}}@keyframes x{from{top:0}to{top:1px}}.b{background:url(\"data:a{b;c}\")}")).toEqual([]);
  });
});

describe("static colours", () => {
  const one = (value: string, root = ""): string => staticColours(`:root{${root}}.a{color:${value}}`, "").css.replace(/^[^]*color:(.*)\}$/, "$1");

  it("computes oklch as browsers do (Tabler prints 6,111,209 for its own blue)", () => {
    expect(one("oklch(54.6% 0.1724 254.2deg)")).toBe("#066fd1");
  });

  it("takes the light side", () => {
    expect(one("light-dark(#112233, #ffffff)")).toBe("#112233");
  });

  it("follows references and mixes in oklab", () => {
    expect(one("color-mix(in oklab, var(--x) 10%, transparent)", "--x:#17559f;")).toBe("rgba(23,85,159,0.1)");
    expect(one("color-mix(in oklab, #000 50%, #fff)")).toBe("#636363");
  });

  it("keeps opacities that utility classes set", () => {
    expect(one("color-mix(in oklab, var(--x) calc(var(--o) * 100%), transparent)", "--x:#17559f;")).toBe("rgba(23,85,159,var(--o,1))");
  });

  it("guesses only inside components OneX draws itself", () => {
    expect(tabler.length).toBeGreaterThan(100_000);
    const { guessed } = staticColours(tabler, tokens);
    const own = /navbar|nav-link|alert|calendar|scrollbar|list-group|card-bg|legend|status-color|pattern|currentColor/;
    expect(guessed.filter((expression) => !own.test(expression))).toEqual([]);
  });
});

function contrast(one: string, other: string): number {
  const light = (hex: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) => {
      const share = parseInt(hex.slice(i, i + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [high, low] = [light(one), light(other)].sort((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
}
