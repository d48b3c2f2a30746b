import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '@switchhook/node';
import type { CallLogStore } from '../call-log-store.ts';

/** The longest file that is read: some thousand calls, which is more than is ever left in one. */
const longestFile = 4_194_304;

/** A call log in a file, which nobody but its owner can read. */
export class CallLogFile implements CallLogStore {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<string> {
    try {
      const bytes = await readFile(this.#path);
      if (bytes.length > longestFile) throw new Error(`${this.#path} is longer than a call log can be; move it away`);
      return bytes.toString('utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
      throw error;
    }
  }

  async append(text: string): Promise<void> {
    this.#makeFolder();
    await appendFile(this.#path, text, { mode: 0o600 });
  }

  async replace(text: string): Promise<void> {
    this.#makeFolder();
    const temporary = `${this.#path}.${String(process.pid)}.tmp`;
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, this.#path);
  }

  #makeFolder(): void {
    makeFolder(dirname(this.#path), 0o700);
  }
}
