import { createCipheriv } from 'node:crypto';
import { saltLength } from './crypto-suite.ts';

/** What a master key gives, for SRTP or for SRTCP. */
export interface SessionKeys {
  readonly encryption: Uint8Array;
  readonly authentication: Uint8Array;
  readonly salt: Uint8Array;
}

const authenticationKeyLength = 20;

/** Labels of RFC 3711 4.3.2. */
const labels = {
  media: { encryption: 0, authentication: 1, salt: 2 },
  control: { encryption: 3, authentication: 4, salt: 5 },
} as const;

/** The pseudo-random function of RFC 3711 4.3.3, of RFC 6188 for a key of 32 bytes, with a derivation rate of zero. */
function derive(masterKey: Uint8Array, masterSalt: Uint8Array, label: number, length: number): Uint8Array {
  const counter = new Uint8Array(16);
  counter.set(masterSalt);
  counter[7] = (counter[7] ?? 0) ^ label;
  const cipher = createCipheriv(masterKey.length === 32 ? 'aes-256-ctr' : 'aes-128-ctr', masterKey, counter);
  return cipher.update(new Uint8Array(length));
}

export function deriveSessionKeys(
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
  kind: keyof typeof labels,
): SessionKeys {
  const { encryption, authentication, salt } = labels[kind];
  return {
    encryption: derive(masterKey, masterSalt, encryption, masterKey.length),
    authentication: derive(masterKey, masterSalt, authentication, authenticationKeyLength),
    salt: derive(masterKey, masterSalt, salt, saltLength),
  };
}
