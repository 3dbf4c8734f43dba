/** The signed code of an admission ticket: it arrives in the address (`/exam/#a=…`) or from a scanner that types it. */

export interface Admission { token: string; ticketNo: string }

const TOKEN = /(?:^|[#&]a=)([\w-]{1,20}\.[\w-]{40,320}\.[\w-]{43})$/;

/** The code in a text, with the ticket number it speaks of; null for anything else. Only the server can tell whether it is genuine. */
export function admissionIn(text: string): Admission | null {
  const token = TOKEN.exec(text.trim())?.[1];
  if (token === undefined) return null;
  try {
    const claims: unknown = JSON.parse(atob(token.split(".")[1]!.replace(/-/g, "+").replace(/_/g, "/")));
    const ticketNo: unknown = Array.isArray(claims) && claims[0] === "admission" ? claims[2] : null;
    return typeof ticketNo === "string" && ticketNo !== "" ? { token, ticketNo } : null;
  } catch {
    return null;
  }
}

/** The code of this page's address, which is then taken out of it: nobody after this candidate shall find it there. */
export function takeFromAddress(here: Window): Admission | null {
  const found = admissionIn(here.location.hash);
  if (found) here.history.replaceState(null, "", here.location.pathname + here.location.search);
  return found;
}
