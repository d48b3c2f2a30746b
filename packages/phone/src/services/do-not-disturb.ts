/** What callers hear who are not to disturb: that one is busy (486), or that one is not there (480). */
export type DoNotDisturb = 'off' | 'busy' | 'unavailable';

/** What a call is answered with that may not disturb; undefined where it may. */
export function doNotDisturbStatus(doNotDisturb: DoNotDisturb): number | undefined {
  switch (doNotDisturb) {
    case 'off':
      return undefined;
    case 'busy':
      return 486;
    case 'unavailable':
      return 480;
  }
}
