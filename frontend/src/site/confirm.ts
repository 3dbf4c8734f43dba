/**
 * Asks before a grave step: `data-confirm="确定退回 3 所院校的申报？"` on a submit button (or a form).
 * The sentence names the object and the count; the answer button repeats the verb of the button that was pressed.
 */
import { t } from "../i18n";

export function watchConfirmations(root: Document): void {
  root.addEventListener(
    "click",
    (event) => {
      const button = (event.target as Element).closest<HTMLButtonElement>("button[data-confirm], a[data-confirm]");
      if (button === null || button.dataset.confirmed === "yes") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      // What is still missing is said first: nobody agrees to a step that then does not happen.
      if (button.form != null && !button.form.noValidate && !button.formNoValidate && !button.form.reportValidity()) return;
      void ask(root, button.dataset.confirm ?? "", button.textContent.trim(), button.dataset.confirmTone !== "plain").then((yes) => {
        if (!yes) return;
        button.dataset.confirmed = "yes";
        button.click();
        delete button.dataset.confirmed;
      });
    },
    true,
  );
}

/** Shows the page's one dialog; resolves to whether the person agreed. */
export function ask(root: Document, question: string, verb: string, grave: boolean): Promise<boolean> {
  const dialog = root.getElementById("ox-confirm");
  if (!(dialog instanceof HTMLDialogElement)) return Promise.resolve(window.confirm(question));
  const words = dialog.querySelector("[data-question]");
  const agree = dialog.querySelector<HTMLButtonElement>("[data-agree]");
  const cancel = dialog.querySelector<HTMLButtonElement>("[data-cancel]");
  if (words === null || agree === null || cancel === null) return Promise.resolve(false);
  words.textContent = question;
  agree.textContent = verb || t("确定");
  agree.className = `btn ${grave ? "btn-danger" : "btn-primary"}`;
  dialog.returnValue = "";
  dialog.showModal();
  cancel.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
