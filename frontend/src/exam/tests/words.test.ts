/** Every word a candidate reads is Chinese in the source and complete in English. */
import { describe, expect, test } from "vitest";
import english from "../en.json";
import { speak, t } from "../i18n";

const files = import.meta.glob<string>(["../*.ts", "../kinds/*.ts", "../parts/*.ts", "../screens/*.ts"], { query: "?raw", import: "default", eager: true });
const sources = Object.entries(files).map(([path, text]) => ({ path, text: text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1") }));
const CALL = /\bt\(\s*("(?:[^"\\]|\\.)*")/g;
const used = new Map(sources.flatMap(({ path, text }) => [...text.matchAll(CALL)].map((found) => [JSON.parse(found[1]!) as string, path] as const)));
const dictionary = english as Record<string, string>;
const slots = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]!))].sort();

describe("the English catalogue", () => {
  test("finds sources to look at", () => {
    expect(sources.length).toBeGreaterThan(25);
    expect(used.size).toBeGreaterThan(120);
  });

  test("has a translation for every sentence in the sources", () => {
    expect([...used].filter(([words]) => !dictionary[words]).map(([words, path]) => `${path}: ${words}`)).toEqual([]);
  });

  test("has no translation that nobody uses", () => {
    expect(Object.keys(dictionary).filter((words) => !used.has(words))).toEqual([]);
  });

  test("keeps the slots of every sentence", () => {
    expect(Object.entries(dictionary).filter(([chinese, words]) => words.split(" | ").some((one) => slots(one).join() !== slots(chinese).join()) && !(chinese === "{n} / {total}"))
      .map(([chinese]) => chinese)).toEqual([]);
  });

  test("is not Chinese, and no Chinese stands in the sources outside t()", () => {
    expect(Object.values(dictionary).filter((words) => /[\u4e00-\u9fff]/.test(words))).toEqual([]);
    const bare = sources.flatMap(({ path, text }) => [...text.replace(CALL, "").replace(/\/[^/\n]*[\u4e00-\u9fff][^/\n]*\/[gimsuy]*/g, "").matchAll(/(["'`])(?:(?!\1)[^\\\n]|\\.)*[\u4e00-\u9fff](?:(?!\1)[^\\\n]|\\.)*\1/g)]
      .map((found) => `${path}: ${found[0]}`)).filter((one) => !one.endsWith('"中文"'));
    expect(bare).toEqual([]);
  });

  test("counts in English", () => {
    speak("en");
    expect([t("{n} 题", { n: 1 }), t("{n} 题", { n: 2 })]).toEqual(["1 question", "2 questions"]);
    speak("zh");
    expect(t("{n} 题", { n: 1 })).toBe("1 题");
  });
});
