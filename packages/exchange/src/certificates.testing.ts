import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DevelopmentCertificateAuthority, systemContext } from '@switchhook/node';
import type { CertificateNames } from '@switchhook/node';
import type { Clock, Log, SipContext, Timer } from '@switchhook/sip';
import { silent } from './phone.testing.ts';

export const context: SipContext = systemContext(silent);

const hour = 3_600_000;

/** A log that keeps `level message`. */
export function recordingLog(lines: string[]): Log {
  const keep =
    (level: string) =>
    (message: string): void =>
      void lines.push(`${level} ${message}`);
  return { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
}

/** The machine's clock, except that what lies more than an hour ahead waits for {@link step}. */
export class SteppedClock implements Clock {
  readonly #real = context.clock;
  #ahead: number;
  #waiting: { readonly due: number; readonly action: () => void }[] = [];

  /** So many milliseconds ahead of the machine's clock. */
  constructor(ahead = 0) {
    this.#ahead = ahead;
  }

  now(): number {
    return this.#real.now() + this.#ahead;
  }

  date(): number {
    return this.#real.date() + this.#ahead;
  }

  after(milliseconds: number, action: () => void): Timer {
    if (milliseconds < hour) return this.#real.after(milliseconds, action);
    const entry = { due: this.now() + milliseconds, action };
    this.#waiting.push(entry);
    return { cancel: () => void (this.#waiting = this.#waiting.filter((other) => other !== entry)) };
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Goes ahead, runs once what is due, and resolves when something waits again. */
  async step(milliseconds: number): Promise<void> {
    this.#ahead += milliseconds;
    const due = this.#waiting.filter((entry) => entry.due <= this.now());
    this.#waiting = this.#waiting.filter((entry) => !due.includes(entry));
    for (const { action } of due) action();
    while (due.length > 0 && this.#waiting.length === 0) await new Promise(setImmediate);
  }
}

/** A certificate of the authority in `folder/authority`, valid from now on, written to `NAME.pem` and `NAME.key`. */
export async function issueInto(
  folder: string,
  name: string,
  names: CertificateNames,
  clock: Clock = context.clock,
): Promise<{ certificate: string; key: string; ca: string }> {
  mkdirSync(folder, { recursive: true });
  const authority = await DevelopmentCertificateAuthority.open(join(folder, 'authority'), { ...context, clock });
  const issued = await authority.issue(names);
  const files = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  writeFileSync(files.certificate, issued.certificatePem);
  writeFileSync(files.key, issued.privateKeyPem);
  return { ...files, ca: authority.caCertificatePath };
}
