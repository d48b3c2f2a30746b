/** How much of what was heard is what was played, and where. */
export interface Likeness {
  /**
   * Of the windows of 200 ms that what was heard has, the share that was played: 1 for a clean path, 0 for another
   * sound.
   */
  readonly share: number;
  /**
   * Milliseconds that what was heard lies behind what was played, when both began at once; of the first window that
   * matches. Undefined when none does. Below zero where the beginning was not heard.
   */
  readonly delay: number | undefined;
}

/** From there on two windows are the same sound: a path of PCMU keeps 0.99 of it, other notes are below 0.3. */
const same = 0.97;
/** A look at so many samples first; the whole window only where it may match. */
const glance = 64;
const promising = 0.8;

/** Less than this many windows say nothing. */
const fewestWindows = 5;

function correlation(
  a: ArrayLike<number>,
  aStart: number,
  b: ArrayLike<number>,
  bStart: number,
  length: number,
): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let index = 0; index < length; index += 1) {
    const x = a[aStart + index] ?? 0;
    const y = b[bStart + index] ?? 0;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}

/**
 * Looks for what was heard in what was played, window by window; both at one rate. Neither delay nor gain counts, and
 * what was played may have been cut, repeated or interrupted. Give it a {@link melody}: a sound that repeats itself is
 * found in many places. Less than a second of sound gives a share of 0.
 */
export function likenessOf(played: ArrayLike<number>, heard: ArrayLike<number>, sampleRate: number): Likeness {
  const window = Math.round(sampleRate / 5);
  const windows = Math.floor(heard.length / window);
  if (windows < fewestWindows) return { share: 0, delay: undefined };

  const placeOf = (start: number): number | undefined => {
    for (let place = 0; place + window <= played.length; place += 1) {
      if (correlation(played, place, heard, start, glance) < promising) continue;
      if (correlation(played, place, heard, start, window) > same) return place;
    }
    return undefined;
  };

  let matched = 0;
  let delay: number | undefined;
  let expected: number | undefined;
  for (let start = 0; start + window <= heard.length; start += window) {
    const goesOn = expected !== undefined && correlation(played, expected, heard, start, window) > same;
    const place = goesOn ? expected : placeOf(start);
    expected = place === undefined ? undefined : place + window;
    if (place === undefined) continue;
    matched += 1;
    delay ??= ((start - place) * 1000) / sampleRate;
  }
  return { share: matched / windows, delay };
}
