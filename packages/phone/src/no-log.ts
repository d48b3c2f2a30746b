import type { Log } from '@switchhook/sip';

const silent = (): void => undefined;

/** For a phone whose log nobody reads. */
export const noLog: Log = { debug: silent, info: silent, warn: silent, error: silent };
