import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { MediaError } from '../error.ts';
import { soundPackages } from './sound-tools.ts';
import type { SoundRequest, SoundSystem, SoundTool } from './sound-tools.ts';
import { findProgram, startProgram } from './tool-process.ts';

/** Which microphone or loudspeaker, and by which programs of the system. */
export interface SoundDeviceOptions {
  /** 48,000 where it is not given. */
  readonly sampleRate?: number;
  /** Uses the programs of this system only. */
  readonly system?: SoundSystem;
  /** A device by the name that the system has for it; its default where it is not given. */
  readonly device?: string;
  /** What the programs find in their environment, and where they are looked for (PATH): this process's own by default. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Hears that there is no sound, and what to do about it. Nothing else ends: the device is silent. */
  readonly onError?: (error: MediaError) => void;
}

/** One end of a device: what it does with the program that serves it. */
interface SoundProgramUser {
  /** What a person calls it. */
  readonly name: string;
  /** Those that can serve it, the best first. */
  readonly tools: readonly SoundTool[];
  started(child: ChildProcessWithoutNullStreams): void;
  /** True when the program has shown that it works; one that ends before is not tried again. */
  isProven(): boolean;
}

/** How much of what a program complained about is told. */
const longestComplaint = 300;

/**
 * Keeps a program running that serves a device. The tools are tried in their order until one works; when one that
 * worked ends (somebody pulled out the headset), they are tried anew. When none works, the user of the device is told
 * once.
 */
export class SoundProgram {
  /** Resolves when it was closed and no program runs any more. */
  readonly finished: Promise<void>;
  readonly #user: SoundProgramUser;
  readonly #options: SoundDeviceOptions;
  readonly #request: SoundRequest;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #finish: () => void;
  #child: ChildProcessWithoutNullStreams | undefined;
  #tool: SoundTool | undefined;
  #state: 'new' | 'running' | 'failed' | 'closed' = 'new';

  constructor(user: SoundProgramUser, options: SoundDeviceOptions, sampleRate: number) {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.finished = promise.then(() => undefined);
    const finish = (): void => resolve(undefined);
    this.#finish = finish;
    this.#user = user;
    this.#options = options;
    this.#request = { sampleRate, device: options.device };
    this.#environment = options.environment ?? process.env;
  }

  /** The program that serves the device now. */
  get program(): string | undefined {
    return this.#child === undefined ? undefined : this.#tool?.program;
  }

  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'running';
    void this.#serve().finally(this.#finish);
  }

  /** Ends the program, so that another one is started in its place and what waited for it is gone. */
  restart(): void {
    this.#child?.kill('SIGKILL');
  }

  close(): void {
    if (this.#state === 'new') this.#finish();
    this.#state = 'closed';
    this.#child?.kill('SIGKILL');
  }

  async #serve(): Promise<void> {
    for (let complaints = await this.#tryTools(); !this.#isClosed(); complaints = await this.#tryTools()) {
      if (complaints === undefined) continue;
      this.#fail(complaints);
      return;
    }
  }

  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  /**
   * One tool after the other. Resolves with what each complained about, or with nothing when one has worked, and ended.
   */
  async #tryTools(): Promise<readonly Complaint[] | undefined> {
    const complaints: Complaint[] = [];
    for (const tool of this.#user.tools) {
      if (this.#options.system !== undefined && tool.system !== this.#options.system) continue;
      const path = await findProgram(tool.program, this.#environment);
      if (this.#isClosed()) return undefined;
      if (path === undefined) continue;
      const complaint = await this.#run(tool, path);
      if (this.#isClosed() || this.#user.isProven()) return undefined;
      // Some say their own name first.
      complaints.push({ program: tool.program, words: complaint.replace(`${tool.program}: `, '') });
    }
    return complaints;
  }

  /** Resolves when the program has ended, with what it said last. */
  #run(tool: SoundTool, path: string): Promise<string> {
    const environment = { ...this.#environment, ...tool.environment?.(this.#request) };
    const child = startProgram(path, tool.arguments(this.#request), environment);
    if (child === undefined) return Promise.resolve('cannot be started');
    this.#child = child;
    this.#tool = tool;
    let complaint = '';
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => (complaint = (complaint + text).slice(-longestComplaint)));
    this.#user.started(child);
    return new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#child = undefined;
        resolve(complaint.trim().split('\n').at(-1) || `ended with ${signal ?? code ?? 'nothing'}`);
      });
    });
  }

  #fail(complaints: readonly Complaint[]): void {
    this.#state = 'failed';
    const { name } = this.#user;
    const reason =
      complaints.length === 0
        ? `no program is there for it. Install one of ${soundPackages.join(', ')}`
        : `${complaintOf(complaints)}. Is there a device, and may this user open it?`;
    this.#options.onError?.(new MediaError('sound-device', `the ${name} does not work: ${reason}`));
  }
}

/** What one program said when it could not open the device. */
interface Complaint {
  readonly program: string;
  readonly words: string;
}

/** The words of the first program, which fits this system best; of the others, that they could not either. */
function complaintOf(complaints: readonly Complaint[]): string {
  const [first] = complaints;
  if (first === undefined) return '';
  const others = [...new Set(complaints.map(({ program }) => program))].filter((program) => program !== first.program);
  const rest = others.length === 0 ? '' : ` (${others.join(', ')} neither)`;
  return `${first.program}: ${first.words}${rest}`;
}
