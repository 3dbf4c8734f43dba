/** Sign-in: the ticket's number or its signed code, and the code that lies on the seat. */
import { admissionIn, takeFromAddress, type Admission } from "../admission";
import { h, setAttribute, setText } from "../dom";
import { t } from "../i18n";
import { quietPage, type Screen, type Stage } from "../parts/screen";
import { sentenceOf } from "../sentences";
import { plain } from "../typing";

/** What was typed, as the server knows it: no spaces or hyphens, half width, capitals. */
export function asTicketNo(typed: string): string {
  return plain(typed).replace(/[\s\-—–]/g, "").toUpperCase();
}

export function signInScreen(stage: Stage): Screen {
  const ticket = h("input", { id: "ticket-no", type: "text", "data-test": "ticket-no", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 600, "aria-describedby": "ticket-help ticket-error" });
  const code = h("input", { id: "seat-code", type: "text", "data-test": "seat-code", inputmode: "numeric", autocomplete: "off", spellcheck: "false", maxlength: 12, "aria-describedby": "code-help code-error" });
  const ticketHelp = h("p", { class: "help", id: "ticket-help", "data-test": "ticket-help" });
  const ticketError = h("p", { class: "field-error", id: "ticket-error" });
  const codeError = h("p", { class: "field-error", id: "code-error" });
  const error = h("p", { class: "form-error", role: "alert", "data-test": "sign-in-error" });
  const button = h("button", { type: "submit", class: "button primary big", "data-test": "sign-in" }, t("登录考场"));

  let admission: Admission | null = null;
  const take = (found: Admission | null): void => {
    admission = found;
    if (found) ticket.value = found.ticketNo;
    setText(ticketHelp, found ? t("已读取准考证上的二维码，请核对准考证号，再填写座位码。") : t("可以手工填写，也可以用扫码枪扫准考证上的二维码"));
  };
  // A scanner types the whole address; somebody may also correct the number that was read.
  const look = (): void => {
    const scanned = admissionIn(plain(ticket.value));
    if (scanned) take(scanned);
    else if (admission && asTicketNo(ticket.value) !== admission.ticketNo) take(null);
  };
  ticket.addEventListener("input", look);
  window.addEventListener("hashchange", () => {
    if (!ticket.isConnected) return;
    const opened = takeFromAddress(window);
    if (opened) take(opened);
  });

  const wrong = (input: HTMLInputElement, place: HTMLElement, text: string): boolean => {
    setText(place, text);
    setAttribute(input, "aria-invalid", text ? "true" : false);
    return text !== "";
  };
  const form = h("form", { class: "sign-in", novalidate: true, onsubmit: (event) => { event.preventDefault(); void submit(); } },
    h("div", { class: "field" }, h("label", { for: "ticket-no" }, t("准考证号")), ticketHelp, ticket, ticketError),
    h("div", { class: "field" }, h("label", { for: "seat-code" }, t("座位码")),
      h("p", { class: "help", id: "code-help" }, t("座位标签上的 6 位数字")), code, codeError),
    error, button);

  async function submit(): Promise<void> {
    look();
    const number = asTicketNo(ticket.value);
    const digits = plain(code.value).replace(/\s/g, "");
    setText(error, "");
    const noNumber = wrong(ticket, ticketError, number === "" ? t("请填写准考证号。") : "");
    const noCode = wrong(code, codeError, /^\d{6}$/.test(digits) ? "" : digits === "" ? t("请填写座位码。") : t("座位码是 6 位数字，现在填写了 {n} 位。", { n: digits.length }));
    if (noNumber || noCode) {
      (noNumber ? ticket : code).focus();
      return;
    }
    button.disabled = true;
    setText(button, t("正在登录…"));
    try {
      await stage.room.signIn(number, digits, admission?.token ?? "");
    } catch (failure) {
      setText(error, sentenceOf(failure, "sign-in"));
      code.focus();
      code.select();
    }
    button.disabled = false;
    setText(button, t("登录考场"));
  }

  take(takeFromAddress(window));

  return {
    element: quietPage(stage, t("考生登录"), false, h("p", { class: "lead" }, t("请对照准考证，在自己的座位上登录。")), form),
    title: t("考生登录"),
    update: () => undefined,
  };
}
