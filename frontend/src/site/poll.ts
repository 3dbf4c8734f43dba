/**
 * What asks the server every few seconds: `data-poll="#sentence"` names the sentence that is shown while nobody answers
 * and hidden again with the next answer, so that nobody trusts a picture that stands still.
 */

interface Asked {
  ctx?: { sourceElement?: Element };
}

export function watchPolls(root: Document): void {
  const tell = (event: Event, isStale: boolean): void => {
    const asker = (event as CustomEvent<Asked>).detail.ctx?.sourceElement;
    const place = asker instanceof HTMLElement && asker.dataset.poll ? root.querySelector<HTMLElement>(asker.dataset.poll) : null;
    if (place !== null) place.hidden = !isStale;
  };
  root.addEventListener("htmx:error", (event) => tell(event, true));
  root.addEventListener("htmx:after:request", (event) => tell(event, false));
}
