// @vitest-environment jsdom
/** The current column of the public site on a narrow and on a wide screen; jsdom lays nothing out, so widths are given. */
import { expect, it } from "vitest";
import { showCurrentColumn } from "./columns";

function columns(wide: boolean): HTMLElement {
  document.body.innerHTML = `<ul class="ox-public-nav"><li><a>首页</a></li><li><a aria-current="page">联系我们</a></li></ul>`;
  const list = document.querySelector<HTMLElement>("ul")!;
  const current = document.querySelector<HTMLElement>("[aria-current]")!;
  Object.defineProperties(list, { clientWidth: { value: wide ? 1120 : 390 }, scrollWidth: { value: wide ? 1120 : 820 } });
  Object.defineProperty(current, "offsetWidth", { value: 90 });
  current.getBoundingClientRect = () => new DOMRect(700, 0, 90, 40);
  list.getBoundingClientRect = () => new DOMRect(0, 0, 390, 40);
  showCurrentColumn(document);
  return list;
}

it("brings the current column to the middle of a narrow screen", () => {
  expect(columns(false).scrollLeft).toBe(700 - (390 - 90) / 2);
});

it("leaves a list alone that is wholly in sight", () => {
  expect(columns(true).scrollLeft).toBe(0);
});

it("does nothing on a page without columns", () => {
  document.body.innerHTML = "<main></main>";
  expect(() => showCurrentColumn(document)).not.toThrow();
});
