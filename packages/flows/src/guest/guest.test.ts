import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { UdpNetwork } from '@switchhook/media';
import type { DatagramNetwork } from '@switchhook/media';
import { describe, expect, test } from 'vitest';
import { printConclusion, printReport } from '../checker/print-report.ts';
import type { FlowScript } from '../flow/flow-script.ts';
import { flowScripts } from '../flow/flow-scripts.ts';
import { playFlow } from '../real/play-flow.ts';
import { FlowInterruption } from '../stage/played.ts';
import type { PlayedFlow } from '../stage/played.ts';
import { OwnDevice } from './own-device.testing.ts';
import type { Faults } from './own-device.testing.ts';
import type { Director } from './step.ts';
import { printVerdict, verdictOn } from './verdict.ts';

function scriptOf(section: string): FlowScript {
  const script = flowScripts.find(({ flow }) => flow === section);
  if (script === undefined) throw new RangeError(section);
  return script;
}

let port = 25_060 + (process.pid % 500) * 10;

function nextPort(): number {
  port += 2;
  return port;
}

/** Plays a flow with a telephone in a role, that is somebody else's for all that the others know. */
async function withDevice(section: string, role: string, isCalled: boolean, faults: Faults = {}): Promise<PlayedFlow> {
  const place = nextPort();
  return playFlow(scriptOf(section), {
    guests: { [role]: isCalled ? `sip:${role}@127.0.0.1:${place}` : undefined },
    director: new OwnDevice(place, faults),
    password: 'xyz',
    patience: 4_000,
    listenTime: 700,
  });
}

/** The sockets of this machine, that send nothing for so many milliseconds after they were to send something. */
function silentFor(milliseconds: number): DatagramNetwork {
  const network = new UdpNetwork();
  return {
    localAddress: (remote, ipv6) => network.localAddress(remote, ipv6),
    async bind(address, port, receive) {
      const opened = await network.bind(address, port, receive);
      let begun: number | undefined;
      return (
        opened && {
          port: opened.port,
          send: (data, toPort, to) => {
            begun ??= performance.now();
            if (performance.now() - begun >= milliseconds) opened.send(data, toPort, to);
          },
          close: () => opened.close(),
        }
      );
    },
  };
}

describe.concurrent('a device in a role', () => {
  test.each([
    ['2.1', 'alice', false],
    ['2.4', 'bob', true],
    ['2.5', 'bob', true],
    ['2.3', 'bob', true],
    ['2.8', 'b1', false],
    ['2.15', 'alice', true],
  ] as const)('%s %s, and all is right', async (section, role, isCalled) => {
    const { report, error, leftOvers } = await withDevice(section, role, isCalled);
    expect(error?.message).toBeUndefined();
    expect(report.passed, printReport(report)).toBe(true);
    expect(leftOvers).toEqual([]);
    expect(verdictOn(report, role)).toMatchObject({ passed: true, first: undefined });
  });

  test('that has refused a call is not asked to answer before the next one rings there', async () => {
    const ringing: number[] = [];
    const { error, leftOvers } = await withDevice('2.17', 'bob', true, {
      answer: async (person) => {
        ringing.push(person.phone.calls.filter(({ state }) => state === 'ringing').length);
        await person.answer();
      },
    });
    expect(error?.message).toBeUndefined();
    expect(leftOvers).toEqual([]);
    expect(ringing).toEqual([1]);
  });

  test('that takes two seconds to open its microphone is listened to for as long', async () => {
    const place = nextPort();
    const { report, error } = await playFlow(scriptOf('2.4'), {
      guests: { alice: `sip:alice@127.0.0.1:${place}` },
      director: new OwnDevice(place, {}, '127.0.0.1', silentFor(2_000)),
      patience: 4_000,
      listenTime: 700,
    });
    expect(error?.message).toBeUndefined();
    expect(report.passed, printReport(report)).toBe(true);
  });

  test('that is reached by IPv6', async () => {
    const place = nextPort();
    const { report, error, leftOvers } = await playFlow(scriptOf('2.4'), {
      guests: { bob: `sip:bob@[::1]:${place}` },
      director: new OwnDevice(place, {}, '::1'),
      addressFamily: 6,
      patience: 4_000,
      listenTime: 700,
    });
    expect(error?.message).toBeUndefined();
    expect(report.passed, printReport(report)).toBe(true);
    expect(leftOvers).toEqual([]);
  });

  test.each([
    ['over TLS, with the authority that it is told to trust', { protocol: 'TLS' }, '127.0.0.1'],
    ['over TCP', { protocol: 'TCP' }, '127.0.0.1'],
    ['of ours that are all at one address of the machine', { listen: '127.0.0.2' }, '127.0.0.1'],
    ['of ours that are all at one address of IPv6', { listen: '::1' }, '::1'],
    ['of ours at one address over TLS', { listen: '127.0.0.2', protocol: 'TLS' }, '127.0.0.1'],
  ] as const)('that registers, %s', async (_, options, address) => {
    const device = new OwnDevice(nextPort(), {}, address);
    const { report, error, leftOvers, conversation } = await playFlow(scriptOf('2.1'), {
      ...options,
      guests: { bob: undefined },
      director: device,
      password: 'xyz',
      patience: 8_000,
      listenTime: 700,
    });
    expect(error?.message).toBeUndefined();
    expect(report.passed, printReport(report)).toBe(true);
    expect(leftOvers).toEqual([]);
    const protocols = new Set(
      conversation.messages.filter(({ from }) => from === 'bob').map(({ protocol }) => protocol),
    );
    if ('protocol' in options) expect([...protocols]).toEqual([options.protocol]);
  });

  test('beside another, where we see what they say to each other', async () => {
    const devices: Record<string, OwnDevice> = { alice: new OwnDevice(nextPort()), bob: new OwnDevice(nextPort()) };
    const director: Director = { direct: async (step, seen) => devices[step.role]?.direct(step, seen) };
    const guests = { alice: undefined, bob: undefined };
    const options = { guests, director, password: 'xyz', patience: 4_000, listenTime: 700 };
    const { report, error, leftOvers } = await playFlow(scriptOf('2.1'), options);
    expect(error?.message).toBeUndefined();
    expect(report.passed, printReport(report)).toBe(true);
    expect(leftOvers).toEqual([]);
    expect([verdictOn(report, 'alice').passed, verdictOn(report, 'bob').passed]).toEqual([true, true]);
  });

  test('is told that it is over, and nothing is left, when somebody ends the flow before its time', async () => {
    const place = nextPort();
    const device = new OwnDevice(place);
    const interruption = new AbortController();
    const director: Director = {
      direct: async (step, seen, signal) => {
        if (step.action !== 'hold') return device.direct(step, seen);
        interruption.abort();
        // Nobody does it; what is waited for ends with the flow.
        await expect(seen).rejects.toThrow('given up');
        expect(signal?.aborted).toBe(true);
        throw new Error('no hold');
      },
    };
    const options = { guests: { bob: undefined }, director, password: 'xyz', signal: interruption.signal };
    const { error, leftOvers, report } = await playFlow(scriptOf('2.1'), { ...options, listenTime: 700 });
    expect(error).toBeInstanceOf(FlowInterruption);
    // What was still to come is nobody's fault.
    expect(verdictOn(report, 'bob', error)).toMatchObject({ passed: true, first: undefined });
    expect(await printVerdict(verdictOn(report, 'bob', error), error)).toMatch(
      /^bob: nothing wrong as far as it came.*\n.*it was interrupted\.\n.*- not said/s,
    );
    expect(printConclusion(report, { error })).not.toContain(' message ');
    expect(leftOvers).toEqual([]);
    expect(device.steps.at(-1)?.action).toBe('finish');
  });

  test('that does nothing: what was asked for, what was missed, and what came', async () => {
    const { error, report, leftOvers } = await withDevice('2.1', 'bob', false, { hold: () => Promise.resolve() });
    expect(error?.message).toContain(
      'bob: no re-INVITE with sendonly within 4 s after it was asked: "Put the call with Alice',
    );
    expect(error?.message).toMatch(/from it came nothing$/);
    expect(leftOvers).toEqual([]);
    const verdict = verdictOn(report, 'bob');
    expect(verdict.first).toMatchObject({ message: 'F10', rule: 'message' });
    const words = await printVerdict(verdict);
    expect(words).toContain('bob: not as it should be; 2 of its 7 messages are right.');
    expect(words).toMatch(/What would have been right, as it is said here:\n {2}INVITE sip:alice@/);
  });

  test('that hangs up where it should hold: the message, the rule and the sentence', async () => {
    const hold: Faults['hold'] = (person, { other }) =>
      other === undefined ? Promise.resolve() : person.hangUp(other);
    const { report } = await withDevice('2.1', 'bob', false, { hold });
    expect(verdictOn(report, 'bob').first).toMatchObject({ message: 'F10', found: 'none' });
    expect(report.failures.some(({ rule, found }) => rule === 'unexpected' && found.startsWith('BYE from bob'))).toBe(
      true,
    );
  });

  test('that cannot be driven: the flow ends with why, and the device is told that it is over', async () => {
    const answer: Faults['answer'] = () => Promise.reject(new Error('no hands'));
    const { error, leftOvers } = await withDevice('2.1', 'bob', false, { answer });
    expect(error?.message).toBe('no hands');
    expect(leftOvers).toEqual([]);
  });

  test('that never registers, though it was said that it is done: how it has to', async () => {
    const director: Director = { direct: () => Promise.resolve() };
    const options = { guests: { bob: undefined }, director, password: 'xyz', listenTime: 700 };
    const { error, leftOvers } = await playFlow(scriptOf('2.1'), options);
    expect(error?.message).toMatch(
      /^no device has registered for bob, so nobody can call it: have it register as sip:bob@\S+, user name bob, with the password that it was given, at sip:127\./,
    );
    expect(leftOvers).toEqual([]);
  });

  test('that is there and does not ring: it is waited for as long as was asked, and no longer', async () => {
    const socket = createSocket('udp4');
    socket.on('message', (data, { port: to, address }) => {
      const text = data.toString();
      if (!text.startsWith('OPTIONS ')) return;
      socket.send(text.replace(/^.*\r\n/, 'SIP/2.0 200 OK\r\n').replace(/^(To: .*)\r$/m, '$1;tag=1\r'), to, address);
    });
    const listening = once(socket, 'listening');
    socket.bind(0, '127.0.0.1');
    await listening;
    const director: Director = { direct: () => Promise.resolve() };
    const guests = { alice: `sip:alice@127.0.0.1:${socket.address().port}` };
    const { error, leftOvers } = await playFlow(scriptOf('2.4'), { guests, director, patience: 1_000 });
    socket.close();
    expect(error?.message).toBe('alice: no 180 to the INVITE within 1 s; from it came nothing');
    expect(leftOvers).toEqual([]);
  });

  test('that is not there: where it was looked for, and what to look at', async () => {
    const director: Director = { direct: () => Promise.resolve() };
    const guests = { carol: `sip:carol@127.0.0.1:${nextPort()};transport=tcp` };
    const { error, report } = await playFlow(scriptOf('2.4'), { guests, director });
    expect(error?.message).toMatch(/^carol does not answer at 127\.0\.0\.1, port \d+, over TCP \(.+\): is it on/);
    const [head, why] = (await printVerdict(verdictOn(report, 'carol'), error)).split('\n');
    expect(head).toBe('carol: nothing wrong as far as it came; 0 of its 2 messages are right.');
    expect(why).toBe(`The flow ended before its time: ${error?.message ?? ''}`);
  });

  test.each([
    ['2.5', { dave: 'sip:dave@127.0.0.1' }, 'nobody in 2.5 is called dave; a device can be alice, bob, carol'],
    [
      '2.5',
      { carol: undefined },
      'carol of 2.5 is called without a proxy: say where, as in --as carol=sip:carol@192.0.2.7',
    ],
    ['2.5', { carol: 'sip:carol@192.0.2.7' }, 'carol is at 192.0.2.7, which cannot reach us on loopback: say --listen'],
    ['2.5', { carol: 'sip:' }, 'carol: "sip:" is no SIP address'],
    ['2.5', { carol: 'sip:carol@nowhere.invalid' }, 'carol: nowhere.invalid has no address'],
    ['2.15', { 'park-server': 'sip:127.0.0.1' }, 'park-server of 2.15 is a server, and is always ours'],
    ['2.1', { proxy: undefined }, 'give yours with --proxy HOST'],
    ['2.13', { alice: undefined }, 'past his proxy'],
    [
      '2.5',
      { alice: 'sip:a@127.0.0.1', bob: 'sip:b@127.0.0.1' },
      'alice and bob talk to each other with nobody between (F1)',
    ],
  ])('%s %j cannot be', async (section, guests, words) => {
    await expect(playFlow(scriptOf(section), { guests })).rejects.toThrow(words);
  });
});
