/** The phone on the screen of a terminal: keys in, what is on the screen out. */
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TerminalPhone } from '../../packages/cli/src/phone/terminal-phone.ts';
import { TestHouse } from '../../packages/phone/src/phone.testing.ts';
import type { TestPhone } from '../../packages/phone/src/phone.testing.ts';
import { AnnouncementServer } from './announcement-server.testing.ts';

/** As much of a terminal as the phone writes to: the cursor goes to a place, text is written, the rest of a line erased. */
class FakeTerminal extends PassThrough {
  columns = 80;
  rows = 24;
  raw = false;
  written = '';
  #screen: string[] = [];

  setRawMode(raw: boolean): this {
    this.raw = raw;
    return this;
  }

  override write(text: string): boolean {
    this.written += text;
    for (const [, row = '', line = ''] of text.matchAll(/\u001b\[(\d+);1H([^]*?)\u001b\[K/g)) {
      this.#screen[Number(row) - 1] = line.replaceAll(/\u001b\[[\d;]*m/g, '').trimEnd();
    }
    return true;
  }

  get screen(): string {
    return this.#screen.join('\n');
  }

  type(text: string): void {
    this.emit('data', Buffer.from(text));
  }
}

let house: TestHouse;
let alice: TestPhone;
let bob: TestPhone;
let terminal: FakeTerminal;
let running: Promise<void>;
let ending: AbortController;
/** Whether the terminal was raw when the phone was stopped. */
let stops: boolean[];

beforeEach(async () => {
  house = new TestHouse();
  alice = await house.phone('alice');
  bob = await house.phone('bob');
  terminal = new FakeTerminal();
  ending = new AbortController();
  stops = [];
  const phone = new TerminalPhone(alice.phone, {
    input: terminal,
    output: terminal,
    colours: true,
    unicode: true,
    known: ['bob'],
    now: () => house.context.clock.date(),
    stop: () => stops.push(terminal.raw),
  });
  running = phone.run(ending.signal);
});

afterEach(async () => {
  ending.abort();
  await running;
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
});

/** Lets the phones go on and waits until the screen shows it. */
async function shows(words: RegExp | string): Promise<void> {
  const look = async (): Promise<void> => {
    await house.play(50);
    expect(terminal.screen).toMatch(words);
  };
  await vi.waitFor(look, { timeout: 20_000, interval: 5 });
}

test('a call is made by a line, held by Space, taken up again, and ended by a key', async () => {
  bob.phone.onIncomingCall((call) => void call.answer());
  terminal.type(`call ${bob.uri}\r`);
  await shows(/▸ 1 → bob .* talking +0:0\d +PCMU in clear/);
  terminal.type(' ');
  await shows(/ 1 → bob .* on hold /);
  terminal.type(' ');
  await shows(/▸ 1 → bob .* talking /);
  terminal.type('5');
  await shows(/digits 5/);
  terminal.type('\u001b[19~');
  await shows(/you hung up on bob, after 0:0\d/);
  expect(terminal.screen).toContain('No calls.');
});

test('who calls is seen and heard, and Enter answers', async () => {
  const calling = bob.phone.dial(alice.uri);
  await shows(/1 ← bob .* calls you/);
  expect(terminal.written).toContain('\u0007');
  expect(terminal.screen).toContain('bob is calling: Enter answers; F8 or "reject" does not');
  terminal.type('\r');
  await shows(/▸ 1 ← bob .* talking/);
  expect(calling.state).toBe('connected');
});

test('beside a call in progress F8 is not said to reject, and the call log has both calls in columns', async () => {
  void bob.phone.dial(alice.uri);
  await shows(/1 ← bob .* calls you/);
  terminal.type('\r');
  await shows(/▸ 1 ← bob .* talking/);
  const carol = await house.phone('carol');
  void carol.phone.dial(alice.uri);
  await shows('carol is calling: Enter answers, and holds bob; "reject" does not');
  terminal.type('reject\r');
  await shows(/you rejected the call of carol/);
  terminal.type('\u001b[19~');
  await shows(/No calls\./);
  terminal.type('log\r');
  await shows(/ from +carol .* you[^]* from +bob .* 0:0\d +you/);
});

test('what others send cannot write on the screen', async () => {
  await house.play(10);
  const sent = bob.phone.sendMessage(alice.uri, '\u001b[2Jboo\u001b]0;title\u0007');
  await house.play(100);
  await sent;
  await shows(/bob: .*boo/);
  expect(terminal.written).not.toContain('\u001b[2Jboo');
  expect(terminal.written).not.toContain('\u001b]0;');
});

test('a mistyped line, a page of help, another size', async () => {
  terminal.type('dance\r');
  await shows('there is no command "dance"');
  terminal.type('?');
  await shows(/call TO +call somebody/);
  terminal.columns = 40;
  terminal.rows = 10;
  terminal.emit('resize');
  await shows(/call TO/);
  terminal.type('\u001b[200~call bob\nquit\n\u001b[201~');
  await shows('> call bob quit');
});

test.each([
  ['says that it is a machine', true],
  ['says nothing of itself', false],
])('a refused call says where one hears why, and who plays there and %s is not said to hold', async (_, says) => {
  const server = new AnnouncementServer(house, says);
  await server.start();
  terminal.type('why\r');
  await shows('why: no call was refused with an address to hear why');
  terminal.type(`call ${server.uri}\r`);
  await shows(
    /it is not allowed at announcement \(403\); "why" calls\s+sip:announcement@192\.0\.2\.66;play=why to hear it/,
  );
  expect(terminal.screen).not.toContain('call: it is not allowed');
  terminal.type('why\r');
  await shows(/▸ 1 → announcement .* plays /);
  expect(terminal.screen).toContain('announcement plays to you, and does not hear you');
  terminal.type('1');
  await shows('announcement only plays: digits reach nobody');
  terminal.type('\u001b[19~');
  await shows('you hung up on announcement');
  await server.stop();
});

test('a call that is given up is told once', async () => {
  terminal.type(`call ${bob.uri}\r`);
  await shows('it rings at bob');
  terminal.type('hangup\r');
  await shows('you gave up calling bob');
  await house.play(1_000);
  expect(terminal.screen).not.toContain('it was given up');
});

test('who is on hold, or holds, hears no digits, and they do not get into the line', async () => {
  bob.phone.onIncomingCall((call) => void call.answer());
  terminal.type(`call ${bob.uri}\r`);
  await shows(/▸ 1 → bob .* talking /);
  void bob.phone.activeCall?.hold();
  await shows(/holds you/);
  terminal.type('7');
  await shows('bob has put you on hold: digits reach nobody');
  terminal.type(' ');
  await shows(/both hold/);
  terminal.type('7');
  await shows(/bob is on hold: digits reach nobody\n>$/m);
});

test('in a conference F5 mutes for all, F8 leaves, and whoever was alone on hold is taken from it', async () => {
  bob.phone.onIncomingCall((call) => void call.answer());
  terminal.type(`call ${bob.uri}\r`);
  await shows(/▸ 1 → bob .* talking /);
  terminal.type(' ');
  await shows(/ 1 → bob .* on hold /);
  terminal.type('conference\r');
  await shows(/you are in the conference/);
  expect(alice.phone.calls[0]?.localHold).toBe(false);
  terminal.type('\u001b[15~');
  await shows(/^ sip:alice\S+ +muted +● /m);
  expect(alice.phone.conferences[0]?.muted).toBe(true);
  await shows(/F5 unmute .* F8 leave/);
  terminal.type('\u001b[15~');
  await shows(/F5 mute/);
  expect(alice.phone.conferences[0]?.muted).toBe(false);
  terminal.type('\u001b[19~');
  await shows('the conference is over');
});

test('"hang up" in a conference leaves it, and hangs up on all', async () => {
  const carol = await house.phone('carol');
  for (const other of [bob, carol]) {
    other.phone.onIncomingCall((call) => void call.answer());
    terminal.type(`call ${other.uri}\r`);
    await shows(`${other.phone.addressOfRecord.replace(/^sip:|@.*/g, '')} answered`);
  }
  terminal.type('conference\r');
  await shows('carol is in the conference');
  terminal.type('hang up\r');
  await shows('the conference is over');
  expect([alice.phone.calls, bob.phone.calls, carol.phone.calls]).toEqual([[], [], []]);
});

test('while the phone is stopped the terminal is as it was, and then drawn anew', async () => {
  terminal.type('call b');
  await shows('> call b');
  terminal.written = '';
  terminal.type('\u001a');
  expect(stops).toEqual([false]);
  expect(terminal.raw).toBe(true);
  await vi.waitFor(() => expect(terminal.written).toContain('call b'));
  expect(terminal.written).toMatch(/^\u001b\[\?2004l[^]*\u001b\[\?1049l\u001b\[\?1049h[^]*> /);
});

test('help about a command says all of it, in as many lines as it needs', async () => {
  terminal.type('help transfer\r');
  await shows(/transfer \[CALL\] TO: hand a call on[^]*you are\s+out of it \(RFC 5359 2\.4\); shorter or else: t/);
  terminal.type('701\r');
  await shows('there is no command "701"; "call 701" calls it');
});

test('quitting gives the terminal back as it was', async () => {
  expect(terminal.raw).toBe(true);
  terminal.type('\u0003');
  await running;
  expect(terminal.raw).toBe(false);
  expect(terminal.written.endsWith('\u001b[?1049l')).toBe(true);
  expect(terminal.listenerCount('keypress')).toBe(0);
});
