import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { passwordOf } from './exchange-process.ts';
import type { ExchangeProcess } from './exchange-process.ts';
import { freePort } from './ports.ts';
import { Sipp } from './sipp.ts';
import { sessionDescription, SippScript } from './sipp-script.ts';
import { TlsFront } from './tls-front.ts';

/** A subscriber whose telephone is a SIPp that plays one script after the other, all at one port. */
export class SippSubscriber {
  readonly #user: string;
  readonly #directory: string;
  readonly #exchange: ExchangeProcess;
  readonly #port: number;
  readonly #front: TlsFront | undefined;
  #count = 0;
  #latest: Sipp | undefined = undefined;

  private constructor(
    user: string,
    directory: string,
    exchange: ExchangeProcess,
    port: number,
    front: TlsFront | undefined,
  ) {
    this.#user = user;
    this.#directory = directory;
    this.#exchange = exchange;
    this.#port = port;
    this.#front = front;
  }

  /** Registers. */
  static async start(
    user: string,
    transport: 'udp' | 'tls',
    directory: string,
    exchange: ExchangeProcess,
  ): Promise<SippSubscriber> {
    const port = await freePort();
    const front = transport === 'tls' ? await TlsFront.start(exchange, port) : undefined;
    const subscriber = new SippSubscriber(user, directory, exchange, port, front);
    const line = join(directory, `${user}-${transport}.csv`);
    writeFileSync(line, `SEQUENTIAL\n${user};${subscriber.#credentials};${String(port)}\n`);
    const registration = await subscriber.#run('register-digest', ['-inf', line]);
    expect(await registration.finished()).toMatchObject({ successful: 1 });
    return subscriber;
  }

  /** Calls a user with the password, and does what the steps say with what comes of it. */
  calls(to: string, steps: (script: SippScript) => SippScript): Promise<Sipp> {
    const offer = { body: sessionDescription(1) };
    const call = this.#script('caller')
      .request('INVITE', offer)
      .expect(100, { optional: true })
      .expect(407, { challenge: true })
      .acknowledgeFailure()
      .request('INVITE', { ...offer, headers: [this.#credentials], outside: true })
      .expect(100, { optional: true });
    const uri = `${to}@127.0.0.1:${String(this.#exchange.ports.udp)}`;
    return this.#run(steps(call).write(this.#directory), ['-s', to, '-auth_uri', uri]);
  }

  /** Waits for so many calls, and does what the steps say in each of them. It listens once this resolves. */
  async isCalled(steps: (script: SippScript) => SippScript, calls = 1): Promise<Sipp> {
    const sipp = await this.#run(steps(this.#script('callee')).write(this.#directory), [], calls);
    while (!isTaken(this.#port) && sipp.process.child.exitCode === null) await new Promise(setImmediate);
    return sipp;
  }

  async stop(): Promise<void> {
    await this.#latest?.stop();
    await this.#front?.stop();
  }

  get #credentials(): string {
    return `[authentication username=${this.#user} password=${passwordOf(this.#user)}]`;
  }

  #script(role: 'caller' | 'callee'): SippScript {
    this.#count += 1;
    const name = `${this.#user}-${String(this.#port)}-${String(this.#count)}`;
    return new SippScript(name, role, `<sip:${this.#user}@127.0.0.1>`, this.#user);
  }

  async #run(scenario: string, more: readonly string[], calls = 1): Promise<Sipp> {
    // Where the one before did not come to its end, a test has failed already; the next one needs the port.
    await this.#latest?.stop();
    this.#latest = await Sipp.start({
      directory: this.#directory,
      scenario,
      remote: `127.0.0.1:${this.#exchange.ports.udp}`,
      port: this.#port,
      arguments: [
        ...['-m', String(calls), '-timeout', '30s'],
        ...(this.#front === undefined ? [] : ['-rsa', `127.0.0.1:${String(this.#front.port)}`]),
        ...more,
      ],
    });
    return this.#latest;
  }
}

/** Whether somebody has a UDP port of this machine (Linux). */
function isTaken(port: number): boolean {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  return readFileSync('/proc/net/udp', 'latin1').includes(local);
}

/** Takes a call, and is hung up on. */
export function answering(script: SippScript): SippScript {
  return script
    .receive('INVITE')
    .respond(180, { tag: 'B' })
    .respond(200, { tag: 'B', body: sessionDescription(1) })
    .receive('ACK')
    .receive('BYE')
    .respond(200);
}
