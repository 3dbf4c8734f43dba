/**
 * htmx as OneX uses it: every answer of the server is shown where it was asked for, also 409 (a refused move) and
 * 422 (a form with mistakes); nothing is evaluated; what fails on the way is said in one sentence.
 */
import htmx from "htmx.org";
import { t } from "../i18n";
import { notice } from "./notice";

// The session's CSRF token is on <body hx-headers:inherited>; htmx 4 passes on only what says so.
htmx.config.noSwap = [204, 304];
htmx.config.history = "reload";
htmx.config.defaultTimeout = 30_000;

interface Failed {
  ctx?: { response?: { status?: number }; sourceElement?: Element };
}

document.addEventListener("htmx:error", (event) => {
  const { response, sourceElement } = (event as CustomEvent<Failed>).detail.ctx ?? {};
  // What asks by itself every few seconds says once that it is stale, in its own place (poll.ts).
  if (sourceElement?.matches("[data-poll]")) return;
  const status = response?.status;
  if (status === undefined) notice(t("没有连上服务器，刚才的操作没有完成。请检查网络后再试一次。"), "bad");
});

/** A summary of mistakes or refusals takes the focus, so that nobody has to look for it. */
function showProblems(within: ParentNode): void {
  within.querySelector<HTMLElement>("[data-problems]")?.focus();
}

showProblems(document);
document.addEventListener("htmx:after:swap", () => showProblems(document));

export { htmx };
