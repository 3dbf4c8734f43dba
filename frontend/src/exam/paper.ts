/** What a paper and an answer look like on the wire (docs/exam-room.md, "Public part of a form"). */

export type PartName = "theory" | "practical";

/** A typed answer; null clears it. */
export type Answer = string | string[] | { [key: string]: string | number | string[] } | null;

export interface Option { id: string; text: string }

export interface ChoiceItem {
  id: string; kind: "single" | "multiple" | "scenario"; stem: string; points: number; options: Option[]; material?: string;
}

export interface FormField {
  id: string; label: string; type: "text" | "number" | "choice" | "choices";
  unit?: string; max_length?: number; options?: Option[]; help?: string; required?: boolean;
}

export interface FormItem {
  id: string; kind: "form"; title: string; brief: string; points: number; material?: string;
  groups: { title: string; fields: FormField[] }[];
}

export interface SheetColumn { id: string; label: string; unit?: string; input: boolean; decimals?: number }

export interface SheetItem {
  id: string; kind: "sheet"; title: string; brief: string; points: number; material?: string;
  columns: SheetColumn[];
  rows: { id: string; label: string; cells: Record<string, string | number> }[];
}

export interface TextItem {
  id: string; kind: "text"; title: string; brief: string; points: number; material?: string;
  min_chars?: number; max_chars?: number; criteria?: { title: string; points: number }[];
}

/** What every item has, whatever its kind. */
export interface Item { id: string; kind: string; points: number; stem?: string; title?: string; brief?: string; material?: string }

export interface Section { id: string; title: string; points_each?: number; weight?: number; items: Item[] }

export interface Paper { id: string; part: PartName; title: string; sections: Section[] }

/** Every item of the paper in its order, with the number the candidate sees. */
export function numbered(paper: Paper): { item: Item; section: Section; number: number }[] {
  let number = 0;
  return paper.sections.flatMap((section) => section.items.map((item) => ({ item, section, number: ++number })));
}
