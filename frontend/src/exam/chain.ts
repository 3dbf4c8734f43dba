/** The hash of a line: SHA-256 in JavaScript, because a machine room on plain http has no WebCrypto. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** `prev` of the first line of an (attempt, sign-in). */
export const FIRST = "0".repeat(64);

/** sha256(prev \n attempt \n sign_in \n seq \n item \n body), lower-case hex (docs/exam-room.md, "A line"). */
export function lineHash(prev: string, attempt: string, signIn: number, seq: number, item: string, body: string): string {
  return bytesToHex(sha256(utf8ToBytes([prev, attempt, signIn, seq, item, body].join("\n"))));
}
