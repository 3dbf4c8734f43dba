/** The button that opens a part, with what stands in its way said underneath. */
import { h, setText } from "../dom";
import type { PartState } from "../gate";
import { t } from "../i18n";
import type { Room } from "../room";
import { sentenceOf } from "../sentences";

export function startButton(room: Room, words: string): { element: HTMLElement; update(may: boolean, part: PartState | null): void; wait(time: string): void } {
  let busy = false;
  let part: PartState | null = null;
  const error = h("p", { class: "form-error", role: "alert", "data-test": "start-error" });
  const button = h("button", { type: "button", class: "button primary big", "data-test": "start", onclick: () => void go() }, words);
  const digits = h("strong", { "data-test": "countdown" });
  const note = h("p", { class: "start-note", role: "timer", "aria-live": "off", hidden: true }, t("距开考"), digits);
  let may = false;

  async function go(): Promise<void> {
    if (!part || busy) return;
    busy = true;
    setText(error, "");
    draw();
    try {
      await room.start(part.part);
    } catch (failure) {
      setText(error, sentenceOf(failure));
    }
    busy = false;
    draw();
  }

  function draw(): void {
    button.disabled = busy || !may;
    setText(button, busy ? t("正在打开试卷…") : words);
  }

  return {
    element: h("div", { class: "start" }, error, note, button),
    wait(time) {
      setText(digits, time);
      note.hidden = time === "";
    },
    update(now, next) {
      may = now;
      part = next;
      draw();
    },
  };
}
