/** The ticket's code is read from the address or a scanner, and leaves no trace in the address. */
// @vitest-environment jsdom
import { describe, expect, test } from "vitest";
import { admissionIn, takeFromAddress } from "../admission";
import { asTicketNo, signInScreen } from "../screens/sign-in";
import type { Stage } from "../parts/screen";

const b64 = (value: unknown): string => btoa(JSON.stringify(value)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const SIGNATURE = "s".repeat(43);
const token = (claims: unknown): string => `k1.${b64(claims)}.${SIGNATURE}`;
const GOOD = token(["admission", "0".repeat(32), "26031234567897", 1, 2]);

function screen(hash = ""): { calls: string[][]; element: HTMLElement; ticket: HTMLInputElement; code: HTMLInputElement; send: () => Promise<void> } {
  history.replaceState(null, "", `/exam/${hash}`);
  const calls: string[][] = [];
  const room = { signIn: async (...given: string[]) => { calls.push(given); } };
  const settings = { language: "zh", size: "normal", contrast: false, clock: true };
  const made = signInScreen({ room, settings, redraw: () => undefined } as unknown as Stage);
  document.body.replaceChildren(made.element);
  const field = (name: string): HTMLInputElement => document.querySelector(`[data-test=${name}]`)!;
  const send = async (): Promise<void> => {
    document.querySelector("form")!.dispatchEvent(new Event("submit", { cancelable: true }));
    await Promise.resolve();
  };
  return { calls, element: made.element, ticket: field("ticket-no"), code: field("seat-code"), send };
}

describe("the ticket's code", () => {
  test("is found in an address and alone, as a scanner types it", () => {
    const wanted = { token: GOOD, ticketNo: "26031234567897" };
    expect(admissionIn(`#a=${GOOD}`)).toEqual(wanted);
    expect(admissionIn(`https://exam.example.cn/exam/#a=${GOOD}\n`)).toEqual(wanted);
    expect(admissionIn(GOOD)).toEqual(wanted);
  });

  test.each([
    ["a typed number", "2603 1234 567897"], ["nothing", ""], ["another purpose", token(["seat", "0".repeat(32), "1", 1, 2])],
    ["no list", token({ typ: "admission", ticket_no: "26031234567897".repeat(2) })], ["no JSON", `k1.${"A".repeat(60)}.${SIGNATURE}`],
    ["a cut one", GOOD.slice(0, -1)], ["an empty number", token(["admission", "0".repeat(32), "", 1, 2])],
  ])("is not found in %s", (_, text) => {
    expect(admissionIn(text)).toBeNull();
  });

  test("is taken out of the address", () => {
    history.replaceState(null, "", `/exam/?lang=zh#a=${GOOD}`);
    expect(takeFromAddress(window)?.ticketNo).toBe("26031234567897");
    expect(location.href).toMatch(/\/exam\/\?lang=zh$/);
    expect(takeFromAddress(window)).toBeNull();
  });
});

describe("the sign-in page", () => {
  test("fills the number from the address and sends the signed code", async () => {
    const page = screen(`#a=${GOOD}`);
    expect(page.ticket.value).toBe("26031234567897");
    page.code.value = "246810";
    await page.send();
    expect(page.calls).toEqual([["26031234567897", "246810", GOOD]]);
  });

  test("takes a scan into the number's field, and asks for the seat code next", async () => {
    const page = screen();
    page.ticket.value = `http://10.0.0.5:8000/exam/#a=${GOOD}`;
    await page.send(); // a scanner ends with Enter
    expect(page.ticket.value).toBe("26031234567897");
    expect(page.calls).toEqual([]);
    expect(document.activeElement).toBe(page.code);
    page.code.value = "246810";
    await page.send();
    expect(page.calls).toEqual([["26031234567897", "246810", GOOD]]);
  });

  test("forgets the code when another number is typed", async () => {
    const page = screen(`#a=${GOOD}`);
    page.ticket.value = "26039999999999";
    page.ticket.dispatchEvent(new Event("input"));
    page.code.value = "246810";
    await page.send();
    expect(page.calls).toEqual([["26039999999999", "246810", ""]]);
    expect(asTicketNo("２６０３ 9999-999999")).toBe("26039999999999");
  });
});
