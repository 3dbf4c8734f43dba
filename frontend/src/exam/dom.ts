/** A small DOM helper: elements by call, text never as HTML, no inline style (the CSP forbids it). */

type Child = Node | string | number | null | undefined | false | Child[];
type Handler = (event: Event) => void;
export type Attributes = Record<string, string | number | boolean | null | undefined | Handler>;

/** An element. `on…` attributes are listeners, true is an empty attribute, false/null/undefined leave it out. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(parent: Node, children: Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(parent, child);
    else parent.appendChild(typeof child === "object" ? child : document.createTextNode(String(child)));
  }
}

export function replace(parent: Element, ...children: Child[]): void {
  parent.textContent = "";
  append(parent, children);
}

/** Sets the text only when it changed: what did not change is not read out or repainted. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string | boolean): void {
  if (value === false) { if (element.hasAttribute(name)) element.removeAttribute(name); return; }
  const text = value === true ? "" : value;
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

const SHAPES: Record<string, string> = {
  flag: "M6 21V4h11l-2 4 2 4H6",
  check: "M5 12.5l4.5 4.5L19 7",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  clock: "M12 7v5l3.5 2M12 21a9 9 0 100-18 9 9 0 000 18z",
  disk: "M5 4h11l3 3v13H5zM8 4v5h7V4M8 20v-6h8v6",
  up: "M12 19V5M6 11l6-6 6 6",
  warn: "M12 4l9 16H3zM12 10v4M12 17v.5",
  close: "M6 6l12 12M18 6L6 18",
  grid: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z",
  text: "M4 19l5-14 5 14M6 14h6M16 19l2.5-7 2.500 7M17 17h3",
};

/** A line drawing of 24 × 24, in the colour of the text; the words beside it carry the meaning. */
export function icon(name: keyof typeof SHAPES & string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[name] ?? "");
  svg.appendChild(path);
  return svg;
}

let serial = 0;
/** A page-wide unique id, for labels and descriptions. */
export function freshId(stem = "x"): string {
  serial += 1;
  return `${stem}-${serial}`;
}
