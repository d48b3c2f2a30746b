import { hmac } from '@noble/hashes/hmac.js';
import { md5 } from '@noble/hashes/legacy.js';
import { sha256, sha512_256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

import type { HashAlgorithm, Hashes } from '../context.ts';

function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function digest(algorithm: HashAlgorithm, bytes: Uint8Array): Uint8Array {
  switch (algorithm) {
    case 'MD5':
      return md5(bytes);
    case 'SHA-256':
      return sha256(bytes);
    case 'SHA-512-256':
      return sha512_256(bytes);
  }
}

/** Hashes in plain JavaScript, for a platform that brings none of its own that answer without a promise. */
export const portableHashes: Hashes = {
  hash: (algorithm, text) => bytesToHex(digest(algorithm, latin1Bytes(text))),
  hmac: (key, text) => bytesToHex(hmac(sha256, latin1Bytes(key), latin1Bytes(text))),
};
