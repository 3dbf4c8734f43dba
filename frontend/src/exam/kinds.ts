/** Every item kind is one file in kinds/ with the name of its Python file; a new one is found by being there. */
import type { Answer, Item } from "./paper";

export type Progress = "none" | "part" | "full";

/** `typing`: a key in a text, which may wait for a pause; otherwise a choice, which goes to the journal at once. */
export type Change = (value: Answer, typing?: boolean) => void;

export interface Kind<I extends Item = Item> {
  /** The control for an answer, filled with `value`; every change is reported as the whole new value. */
  draw(item: I, value: Answer, change: Change): HTMLElement;
  /** How far an item is answered, for the map and the summary. */
  progress(item: I, value: Answer): Progress;
}

const files = import.meta.glob<{ kind: Kind<never> }>("./kinds/*.ts", { eager: true });

const KINDS = new Map<string, Kind>(
  Object.entries(files).map(([path, file]) => [path.replace(/^.*\/|\.ts$/g, ""), file.kind as unknown as Kind]),
);

/** The kind of an item; undefined for one this client does not know (the screen says so instead of showing nothing). */
export function kindOf(item: Item): Kind | undefined {
  return KINDS.get(item.kind);
}

export function progressOf(item: Item, value: Answer | undefined): Progress {
  return value === undefined || value === null ? "none" : (kindOf(item)?.progress(item, value) ?? "full");
}
