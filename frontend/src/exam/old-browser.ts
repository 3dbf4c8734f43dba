/** The one thing a library of ours calls that Chromium 86 lacks. Imported first: @noble/hashes uses it while loading. */

interface ObjectWithHasOwn {
  hasOwn?: (object: object, key: PropertyKey) => boolean;
}

const old = Object as unknown as ObjectWithHasOwn;
if (!old.hasOwn) old.hasOwn = (object, key) => Object.prototype.hasOwnProperty.call(object, key);

export {};
