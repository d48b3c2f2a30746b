import type { Misfortune, MisfortuneKind } from '@switchhook/sim';

const words: Readonly<Record<MisfortuneKind, string>> = { lost: 'lost', doubled: 'doubled', 'held back': 'held' };

/** `alice:bob:3:lost,bob:alice:rtp7:held`, or `none`: for a command line. */
export function printMisfortunes(misfortunes: readonly Misfortune[]): string {
  if (misfortunes.length === 0) return 'none';
  return misfortunes
    .map(({ from, to, family, number, kind }) => {
      return `${from}:${to}:${family === 'media' ? 'rtp' : ''}${number}:${words[kind]}`;
    })
    .join();
}

/** Reads what {@link printMisfortunes} writes; undefined for anything else. */
export function readMisfortunes(text: string): readonly Misfortune[] | undefined {
  const read = text === 'none' ? [] : text.split(',').map(readMisfortune);
  const misfortunes = read.filter((each) => each !== undefined);
  return misfortunes.length === read.length ? misfortunes : undefined;
}

function readMisfortune(text: string): Misfortune | undefined {
  const { from, to, rtp, number, word } =
    /^(?<from>[\w-]+):(?<to>[\w-]+):(?<rtp>rtp)?(?<number>\d{1,9}):(?<word>\w+)$/.exec(text)?.groups ?? {};
  const kinds = Object.keys(words).filter(isKind);
  const kind = kinds.find((each) => words[each] === word);
  if (from === undefined || to === undefined || kind === undefined) return undefined;
  return { from, to, family: rtp === undefined ? 'message' : 'media', number: Number(number), kind };
}

function isKind(text: string): text is MisfortuneKind {
  return Object.hasOwn(words, text);
}
