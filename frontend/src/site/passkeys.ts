/**
 * Passkeys: a submit button with `data-passkey="create|get"` asks the browser with `data-passkey-options` (the server's
 * JSON) and sends the answer in the form's `credential` field. Where browsers know no passkeys, `[data-passkey-missing]`
 * stays and `[data-passkey-place]` does not appear. Base64url by hand: Chrome reads JSON options itself only since 129.
 */
import { t } from "../i18n";
import { notice } from "./notice";

type Json = Record<string, unknown>;

export function watchPasskeys(root: Document): void {
  if (typeof PublicKeyCredential === "undefined") return;
  for (const place of root.querySelectorAll<HTMLElement>("[data-passkey-place]")) place.hidden = false;
  for (const missing of root.querySelectorAll<HTMLElement>("[data-passkey-missing]")) missing.hidden = true;
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[data-passkey]");
    const form = button?.form;
    if (!button || !form) return;
    event.preventDefault();
    button.disabled = true;
    void answer(button.dataset.passkey ?? "get", JSON.parse(button.dataset.passkeyOptions ?? "{}") as Json)
      .then((credential) => {
        const field = form.querySelector<HTMLInputElement>("[name=credential]");
        if (field === null) return;
        field.value = JSON.stringify(credential);
        form.submit();
      })
      .catch((problem: unknown) => notice(sentence(problem), "warn"))
      .finally(() => { button.disabled = false; });
  });
}

async function answer(verb: string, options: Json): Promise<Json> {
  const publicKey = decoded(options);
  const found = verb === "create"
    ? await navigator.credentials.create({ publicKey: publicKey as unknown as PublicKeyCredentialCreationOptions })
    : await navigator.credentials.get({ publicKey: publicKey as unknown as PublicKeyCredentialRequestOptions });
  if (!(found instanceof PublicKeyCredential)) throw new Error("no credential");
  const { response } = found;
  const parts: Json = { clientDataJSON: encode(response.clientDataJSON) };
  if (response instanceof AuthenticatorAttestationResponse) {
    parts.attestationObject = encode(response.attestationObject);
  } else if (response instanceof AuthenticatorAssertionResponse) {
    parts.authenticatorData = encode(response.authenticatorData);
    parts.signature = encode(response.signature);
    if (response.userHandle) parts.userHandle = encode(response.userHandle);
  }
  return { id: found.id, rawId: encode(found.rawId), type: found.type, response: parts, clientExtensionResults: {} };
}

/** The server's options with their bytes as bytes. */
export function decoded(options: Json): Json {
  const known = (list: unknown): unknown => (Array.isArray(list) ? (list as Json[]).map((one) => ({ ...one, id: decode(one.id) })) : list);
  const ready: Json = { ...options, challenge: decode(options.challenge) };
  if (options.user) ready.user = { ...(options.user as Json), id: decode((options.user as Json).id) };
  if (options.excludeCredentials) ready.excludeCredentials = known(options.excludeCredentials);
  if (options.allowCredentials) ready.allowCredentials = known(options.allowCredentials);
  return ready;
}

export function decode(text: unknown): Uint8Array<ArrayBuffer> {
  const plain = atob(String(text).replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0));
}

export function encode(bytes: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

function sentence(problem: unknown): string {
  const name = problem instanceof DOMException ? problem.name : "";
  if (name === "InvalidStateError") return t("这个设备上已经有本账号的通行密钥。");
  if (name === "NotAllowedError" || name === "AbortError") return t("没有完成：您取消了，或等待超时。可以再试一次。");
  if (name === "SecurityError") return t("浏览器不允许在这个访问地址使用通行密钥，请用其他方式验证。");
  return t("通行密钥没有成功，请再试一次或换用其他方式。");
}
