import type { Misfortune, MisfortuneKind } from '@switchhook/sim';

const words: Readonly<Record<MisfortuneKind, string>> = { lost: 'lost', doubled: 'doubled', 'held back': 'held' };

/** What stands before the number, so that those of each family can be counted apart. */
const marks: Readonly<Record<Misfortune['family'], string>> = { message: '', media: 'rtp', stream: 'stream' };

/** `alice:bob:3:lost,bob:alice:rtp7:held,alice:bob:stream2:lost`, or `none`: for a command line. */
export function printMisfortunes(misfortunes: readonly Misfortune[]): string {
  if (misfortunes.length === 0) return 'none';
  return misfortunes
    .map(({ from, to, family, number, kind }) => {
      return `${from}:${to}:${marks[family]}${number}:${words[kind]}`;
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
  const { from, to, mark, number, word } =
    /^(?<from>[\w-]+):(?<to>[\w-]+):(?<mark>[a-z]*)(?<number>\d{1,9}):(?<word>\w+)$/.exec(text)?.groups ?? {};
  const kind = keyOf(words, word);
  const family = keyOf(marks, mark);
  if (from === undefined || to === undefined || kind === undefined || family === undefined) return undefined;
  return { from, to, family, number: Number(number), kind };
}

function keyOf<Key extends string>(texts: Readonly<Record<Key, string>>, wanted: string | undefined): Key | undefined {
  for (const key in texts) if (texts[key] === wanted) return key;
  return undefined;
}
