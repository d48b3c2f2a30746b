import { open, rename } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { captureHeader, captureInterfaces, captureRecord, captureStatistics } from './capture-format.ts';
import type { CapturedMedia, CapturedMessage, CapturedProtocol } from './capture-format.ts';

/** How large capture files may become, in bytes, and how many are kept. */
export interface CaptureFileOptions {
  /** How many bytes may wait for the disk; what comes when they do is counted and lost. */
  readonly maximumPending?: number;
  /** A file of this size is put aside as `path.1`, that as `path.2`, and so on, and a new one begun. */
  readonly maximumFileSize?: number;
  /** How many files that were put aside are kept. */
  readonly keptFiles?: number;
  /** Told once when the file cannot be written any more. */
  readonly onError?: (error: Error) => void;
}

/** Messages that were recorded, and that were lost because the disk was late. */
export interface CaptureFileStats {
  readonly recorded: number;
  readonly dropped: number;
  /** Bytes that wait for the disk. */
  readonly pending: number;
}

interface Counts {
  recorded: number;
  dropped: number;
}

/** The most that goes to the disk in one write. */
const batchSize = 262_144;

const ownerOnly = 0o600;

/**
 * A pcapng file of SIP messages and media, for Wireshark. It is for its owner only: it holds what TLS had hidden. Recording never
 * waits and never throws.
 */
export class CaptureFile {
  readonly #path: string;
  readonly #maximumPending: number;
  readonly #maximumFileSize: number;
  readonly #keptFiles: number;
  readonly #onError: (error: Error) => void;
  readonly #counts = new Map<CapturedProtocol, Counts>(
    captureInterfaces.map((protocol) => [protocol, { recorded: 0, dropped: 0 }]),
  );
  #file: FileHandle | undefined;
  #fileSize = 0;
  #waiting: Buffer[] = [];
  #pending = 0;
  #lastTime = 0;
  #ended = false;
  #writing: Promise<void> | undefined;

  private constructor(path: string, options: CaptureFileOptions) {
    this.#path = path;
    this.#maximumPending = options.maximumPending ?? 8_388_608;
    this.#maximumFileSize = options.maximumFileSize ?? Infinity;
    this.#keptFiles = options.keptFiles ?? 3;
    this.#onError = options.onError ?? (() => undefined);
  }

  /** Begins the file; one that was there is overwritten. */
  static async open(path: string, options: CaptureFileOptions = {}): Promise<CaptureFile> {
    const capture = new CaptureFile(path, options);
    await capture.#begin();
    return capture;
  }

  record(captured: CapturedMessage | CapturedMedia): void {
    const counts = this.#counts.get(captured.protocol);
    if (counts === undefined) return;
    // Asked before any work is done for it: what is lost comes in floods.
    if (this.#ended || this.#pending + sizeOf(captured) > this.#maximumPending) {
      counts.dropped += 1;
      return;
    }
    counts.recorded += 1;
    const block = captureRecord(captured);
    this.#waiting.push(block);
    this.#pending += block.length;
    this.#lastTime = captured.time;
    this.#writing ??= this.#write();
  }

  stats(): CaptureFileStats {
    const counts = [...this.#counts.values()];
    return {
      recorded: counts.reduce((sum, { recorded }) => sum + recorded, 0),
      dropped: counts.reduce((sum, { dropped }) => sum + dropped, 0),
      pending: this.#pending,
    };
  }

  /** When it resolves, what was recorded before is in the file, or `onError` has been told. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  /** Writes what waits, and the counts, and ends the file. What is recorded afterwards is lost. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.flush();
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    try {
      await file.appendFile(this.#statistics());
    } catch (error) {
      this.#onError(asError(error));
    } finally {
      await file.close();
    }
  }

  async #begin(): Promise<void> {
    const header = captureHeader();
    const file = await open(this.#path, 'w', ownerOnly);
    try {
      // A file that was there keeps its mode otherwise.
      await file.chmod(ownerOnly);
      await file.appendFile(header);
    } catch (error) {
      await file.close();
      throw error;
    }
    this.#file = file;
    this.#fileSize = header.length;
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#writeBatch();
    } catch (error) {
      await this.#giveUp(asError(error));
    } finally {
      this.#writing = undefined;
    }
  }

  async #writeBatch(): Promise<void> {
    const [first] = this.#waiting;
    const begun = this.#fileSize > captureHeader().length;
    if (first !== undefined && begun && this.#fileSize + first.length > this.#maximumFileSize) await this.#rotate();
    const batch = Buffer.concat(this.#takeBatch(Math.min(batchSize, this.#maximumFileSize - this.#fileSize)));
    await this.#file?.appendFile(batch);
    this.#fileSize += batch.length;
    this.#pending -= batch.length;
  }

  /** As many whole blocks as fit into `room`, at least one. */
  #takeBatch(room: number): Buffer[] {
    let size = 0;
    const end = this.#waiting.findIndex((block, index) => (size += block.length) > room && index > 0);
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  async #rotate(): Promise<void> {
    await this.#file?.close();
    for (let number = this.#keptFiles; number > 0; number -= 1) {
      const younger = number === 1 ? this.#path : `${this.#path}.${number - 1}`;
      await rename(younger, `${this.#path}.${number}`).catch((error: unknown) => {
        if (number === 1) throw error;
      });
    }
    await this.#begin();
  }

  /** A full disk or the like: the capture ends, the calls go on. */
  async #giveUp(error: Error): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#ended = true;
    this.#waiting = [];
    this.#pending = 0;
    this.#onError(error);
    await file?.close().catch(() => undefined);
  }

  #statistics(): Buffer {
    return Buffer.concat(
      [...this.#counts].map(([protocol, { recorded, dropped }]) =>
        captureStatistics(protocol, this.#lastTime, recorded, dropped),
      ),
    );
  }
}

function sizeOf(captured: CapturedMessage | CapturedMedia): number {
  return 'text' in captured ? captured.text.length : captured.data.length;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
