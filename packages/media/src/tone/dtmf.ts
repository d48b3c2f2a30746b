import type { Tone } from './tone.ts';

/** Rows and columns of the keypad, in hertz (ITU-T Q.23). */
const rows = [697, 770, 852, 941] as const;
const columns = [1209, 1336, 1477, 1633] as const;
const keypad = ['123A', '456B', '789C', '*0#D'] as const;

/**
 * The tone of a key (ITU-T Q.23): `0` to `9`, `*`, `#`, `A` to `D`.
 *
 * @param duration milliseconds that it sounds; Q.24 has receivers take 40 and more.
 * @param pause milliseconds of silence behind it.
 * @returns undefined when there is no such key
 */
export function dtmfTone(key: string, duration = 100, pause = 100): Tone | undefined {
  for (const [row, keys] of keypad.entries()) {
    const column = key.length === 1 ? keys.indexOf(key.toUpperCase()) : -1;
    const low = rows[row];
    const high = columns[column];
    if (low === undefined || high === undefined) continue;
    return {
      segments: [
        { frequencies: [low, high], attenuation: 0, duration },
        { frequencies: [], attenuation: 0, duration: pause },
      ],
      repeats: false,
    };
  }
  return undefined;
}
