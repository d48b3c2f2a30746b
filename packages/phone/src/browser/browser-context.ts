import { portableHashes } from '@switchhook/sip';
import type { Clock, Log, RandomSource, SipContext, Timer } from '@switchhook/sip';

const longestTimeout = 2_147_483_647;

const clock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  after(milliseconds, action): Timer {
    const timeout = setTimeout(action, Math.max(Math.min(milliseconds, longestTimeout), 0));
    return { cancel: () => clearTimeout(timeout) };
  },
};

const random: RandomSource = {
  token: () => Array.from(randomBytes(16), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  fraction() {
    const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
    return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
  },
  bytes: randomBytes,
};

function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** What the SIP core asks of a platform, from what every browser has. */
export function browserContext(log: Log): SipContext {
  return { clock, random, hashes: portableHashes, log };
}
