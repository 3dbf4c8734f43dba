// @vitest-environment jsdom
/** Passkeys in a page: the server's bytes reach the browser as bytes, and the answer goes back in the form. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { decode, decoded, encode, watchPasskeys } from "./passkeys";

const bytes = (...values: number[]): ArrayBuffer => Uint8Array.from(values).buffer;

class FakeCredential {
  id = "AQI";
  type = "public-key";
  rawId = bytes(1, 2);
  response: unknown;
}
class FakeAssertion {
  clientDataJSON = bytes(3);
  authenticatorData = bytes(4, 255);
  signature = bytes(5);
  userHandle = null;
}
class FakeAttestation {}

beforeEach(() => {
  document.body.innerHTML = `<div id="ox-notices"></div><p data-passkey-missing>无</p><div data-passkey-place hidden><form>
    <input type="hidden" name="credential"><button data-passkey="get">验证</button></form></div>`;
  document.querySelector("button")?.setAttribute("data-passkey-options", JSON.stringify({ challenge: "_-8", allowCredentials: [{ type: "public-key", id: "AQI" }] }));
});
afterEach(() => vi.unstubAllGlobals());

it("carries bytes both ways without loss", () => {
  expect([...decode("_-8")]).toEqual([255, 239]);
  expect(encode(bytes(255, 239))).toBe("_-8");
  const ready = decoded({ challenge: "AQI", user: { id: "AQI", name: "a" }, excludeCredentials: [{ id: "Aw" }] }) as { user: { id: Uint8Array }; excludeCredentials: { id: Uint8Array }[] };
  expect([...ready.user.id]).toEqual([1, 2]);
  expect([...(ready.excludeCredentials[0]?.id ?? [])]).toEqual([3]);
});

it("stays out of the way where the browser knows no passkeys", () => {
  watchPasskeys(document);
  expect(document.querySelector<HTMLElement>("[data-passkey-place]")?.hidden).toBe(true);
  expect(document.querySelector<HTMLElement>("[data-passkey-missing]")?.hidden).toBe(false);
});

it("asks the browser and sends what it answers", async () => {
  vi.stubGlobal("PublicKeyCredential", FakeCredential);
  vi.stubGlobal("AuthenticatorAssertionResponse", FakeAssertion);
  vi.stubGlobal("AuthenticatorAttestationResponse", FakeAttestation);
  const credential = new FakeCredential();
  credential.response = new FakeAssertion();
  const get = vi.fn((_asked: { publicKey: { challenge: Uint8Array } }) => Promise.resolve(credential));
  vi.stubGlobal("navigator", { credentials: { get } });
  watchPasskeys(document);
  const form = document.querySelector("form") as HTMLFormElement;
  const sent = new Promise<void>((resolve) => { form.submit = () => resolve(); });
  document.querySelector<HTMLButtonElement>("button")?.click();
  await sent;
  expect([...(get.mock.calls[0]?.[0].publicKey.challenge ?? [])]).toEqual([255, 239]);
  const told = JSON.parse(form.querySelector<HTMLInputElement>("[name=credential]")?.value ?? "{}") as { rawId: string; response: { authenticatorData: string } };
  expect(told.rawId).toBe("AQI");
  expect(told.response.authenticatorData).toBe("BP8");
});
