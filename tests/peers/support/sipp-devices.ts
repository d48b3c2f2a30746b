import { SipUri } from '@switchhook/sip';
import type { Step } from '@switchhook/flows';
import { freePort } from './ports.ts';
import { Sipp } from './sipp.ts';
import { SippPrompter } from './sipp-prompter.ts';
import { roles } from './sipp-roles.ts';

/** A SIPp that plays a part, and is prompted what to do. */
export class SippDevice {
  readonly #sipp: Sipp;
  readonly #prompter: SippPrompter;
  #isStopped = false;

  private constructor(sipp: Sipp, prompter: SippPrompter) {
    this.#sipp = sipp;
    this.#prompter = prompter;
  }

  static async start(step: Step, port: number, directory: string): Promise<SippDevice> {
    const { flow, role, account } = step;
    const scenario = roles[`${flow} ${role}`];
    if (scenario === undefined) throw new RangeError(`SIPp has no scenario for ${role} of ${flow}`);
    const ownPort = await freePort();
    const prompter = await SippPrompter.open(port, ownPort, scenario.requests, account);
    const keys = { own: account.addressOfRecord, reached_at: String(port), proxy: account.proxy ?? '' };
    const sipp = await Sipp.start({
      directory,
      scenario: scenario.write(directory),
      port: ownPort,
      remote: `127.0.0.1:${prompter.port}`,
      arguments: [
        ...['-aa', '-default_behaviors', 'all,-abortunexp', '-rtp_echo', '-mp', String(await freePort())],
        ...Object.entries(keys).flatMap(([name, value]) => ['-key', name, value]),
      ],
    });
    const device = new SippDevice(sipp, prompter);
    try {
      await prompter.answered();
    } catch (error) {
      await device.stop();
      throw error;
    }
    device.step(step);
    return device;
  }

  step({ action, other, target, account }: Step): void {
    // Who is prepared is about where he registers.
    const [, domain = ''] = account.addressOfRecord.split('@');
    const about = action === 'prepare' ? `sip:${domain}` : other?.addressOfRecord;
    const fields = (name: string, address: string | undefined): readonly string[] =>
      address === undefined ? [] : [`${name}: ${address}`, `${name}-Host: ${hostOf(account.proxy ?? address)}`];
    this.#prompter.tell(action, [...fields('Other', about), ...fields('Target', target?.addressOfRecord)]);
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#prompter.close();
    await this.#sipp.stop();
  }
}

function hostOf(address: string): string {
  const uri = SipUri.parse(address);
  if (!(uri instanceof SipUri)) throw new RangeError(`"${address}" is no SIP address`);
  return uri.host;
}
