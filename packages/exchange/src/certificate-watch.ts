import type { SipContext, Timer } from '@switchhook/sip';
import { endOf } from './certificate-files.ts';
import type { ServerCertificate } from './certificates.ts';

const day = 24 * 3_600_000;
/** Authorities' own tools renew a month ahead; when so little is left, nobody has. */
const warningDays = 14;

/**
 * Looks at the certificate once a day: the development CA's is renewed in time, another that was put into the
 * configured files is taken up, and one that will run out is told.
 */
export class CertificateWatch {
  readonly #context: SipContext;
  readonly #load: () => Promise<ServerCertificate>;
  readonly #renewed: (certificate: ServerCertificate) => void;
  #current: ServerCertificate | undefined;
  #timer: Timer | undefined;

  /** `renewed` is called with each other certificate that `load` comes with. */
  constructor(
    context: SipContext,
    load: () => Promise<ServerCertificate>,
    renewed: (certificate: ServerCertificate) => void,
  ) {
    this.#context = context;
    this.#load = load;
    this.#renewed = renewed;
  }

  /** From now on `current` is the one in use. */
  start(current: ServerCertificate): void {
    this.stop();
    this.#current = current;
    this.#warn(current);
    this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(): void {
    const timer = this.#context.clock.after(day, () => {
      void this.#look().finally(() => {
        if (this.#timer === timer) this.#schedule();
      });
    });
    this.#timer = timer;
  }

  async #look(): Promise<void> {
    const timer = this.#timer;
    try {
      const found = await this.#load();
      if (this.#timer !== timer) return;
      this.#warn(found);
      if (isSame(found, this.#current)) return;
      this.#renewed(found);
      this.#current = found;
      this.#context.log.info('certificate renewed', { until: new Date(endOf(found.certificate)).toISOString() });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#context.log.error('the certificate stays as it was', { error: reason });
    }
  }

  #warn({ certificate }: ServerCertificate): void {
    const { clock, log } = this.#context;
    const daysLeft = Math.floor((endOf(certificate) - clock.date()) / day);
    if (daysLeft < warningDays) log.warn('the certificate runs out soon; have it renewed', { daysLeft });
  }
}

function isSame(one: ServerCertificate, other: ServerCertificate | undefined): boolean {
  return one.certificate === other?.certificate && one.key === other.key && one.ca === other.ca;
}
