/** What the app needs of a screen, and the frame that the quiet screens share. */
import { h } from "../dom";
import { t } from "../i18n";
import type { Room } from "../room";
import type { Settings } from "../settings";
import { lookMenu } from "./head";

export interface Screen {
  element: HTMLElement;
  /** The tab's title. */
  title: string;
  /** Called on every change and several times a second: writes only what differs. */
  update(): void;
  destroy?(): void;
}

export interface Stage {
  room: Room;
  settings: Settings;
  /** Draws the screen anew: another language. */
  redraw(): void;
}

/** A page with a narrow column in its middle: sign-in, identity, between, end. */
export function quietPage(stage: Stage, heading: string, wide: boolean, ...children: (Node | null | false)[]): HTMLElement {
  const { session } = stage.room.state ?? {};
  return h("div", { class: "quiet-page" },
    h("header", { class: "quiet-head" },
      h("p", { class: "quiet-session" }, session ? session.title : t("1+X 职业技能等级证书考场")),
      lookMenu(stage.settings, () => stage.redraw())),
    h("main", { class: wide ? "quiet-main wide" : "quiet-main" },
      h("h1", { tabindex: "-1" }, heading),
      ...children));
}

/** The seat number as people in the room say it. */
export function seatOf(room: Room): string {
  const candidate = room.state?.candidate;
  return candidate ? t("{room} {seat} 号座位", { room: candidate.room, seat: candidate.seat_no }) : "";
}

export function partName(part: string): string {
  return part === "theory" ? t("理论考核") : t("实训考核");
}
