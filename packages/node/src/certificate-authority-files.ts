import { link, open, readFile, rename, rm, chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from './folder.ts';

const ownerOnly = 0o600;

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function exists(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

/** A directory that only its owner may look into. */
export async function makePrivateDirectory(path: string): Promise<void> {
  makeFolder(path, 0o700);
  await chmod(path, 0o700);
}

/** The text of a file, or undefined when there is none. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Writes a whole file or nothing, whenever the machine stops. `unique` keeps two writers apart. */
export async function replaceFile(path: string, text: string, unique: string, mode = ownerOnly): Promise<void> {
  const temporary = await writeTemporary(path, text, unique, mode);
  await rename(temporary, path);
  await synchronize(dirname(path));
}

/** Like {@link replaceFile}, but false, and nothing done, when the file is already there. */
export async function createFile(path: string, text: string, unique: string): Promise<boolean> {
  const temporary = await writeTemporary(path, text, unique, ownerOnly);
  try {
    await link(temporary, path);
    await synchronize(dirname(path));
    return true;
  } catch (error) {
    if (exists(error)) return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeTemporary(path: string, text: string, unique: string, mode: number): Promise<string> {
  const temporary = `${path}.${unique}.tmp`;
  const file = await open(temporary, 'wx', mode);
  try {
    await file.writeFile(text, 'latin1');
    await file.sync();
  } finally {
    await file.close();
  }
  return temporary;
}

/** A new name in a directory is durable only when the directory is. */
async function synchronize(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
