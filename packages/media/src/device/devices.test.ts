import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { MediaError } from '../error.ts';
import { Loudspeaker } from './loudspeaker.ts';
import { Microphone } from './microphone.ts';
import type { SoundDeviceOptions } from './sound-program.ts';
import { fails, lives, standIns } from './stand-in.testing.ts';

const patience = { timeout: 20_000, interval: 5 };

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

interface Started<T> {
  readonly device: T;
  readonly errors: MediaError[];
}

function started<T extends Microphone | Loudspeaker>(
  create: new (options: SoundDeviceOptions) => T,
  options: SoundDeviceOptions,
): Started<T> {
  const errors: MediaError[] = [];
  const device = new create({ sampleRate: 16_000, ...options, onError: (error) => errors.push(error) });
  onTestFinished(async () => {
    device.close();
    await device.finished;
  });
  device.start();
  return { device, errors };
}

/** Writes so many samples, each its number, from 1 on. */
const counts = (samples: number): string => `
  const bytes = Buffer.alloc(2 * ${samples});
  for (let index = 0; index < ${samples}; index += 1) bytes.writeInt16LE((index % 30000) + 1, 2 * index);`;

/** Reads until something is heard, then on to the next silence. */
async function heardFrom(microphone: Microphone): Promise<number[]> {
  const frame = new Int16Array(160);
  await vi.waitUntil(() => {
    microphone.read(frame);
    return frame.some((sample) => sample !== 0);
  }, patience);
  const heard: number[] = [];
  while (frame[0] !== 0) {
    heard.push(...frame.filter((sample) => sample !== 0));
    microphone.read(frame);
  }
  return heard;
}

describe('a microphone', () => {
  it('gives the samples that a program writes, in pieces of any size', async () => {
    const { environment } = await standIns({
      parec: `${counts(1600)} for (let start = 0; start < 3200; start += 333) process.stdout.write(bytes.subarray(start, start + 333)); ${lives}`,
    });
    const { device, errors } = started(Microphone, { environment });
    const heard = await heardFrom(device);
    expect(heard).toEqual(Array.from({ length: heard.length }, (_, index) => index + 1));
    expect(heard.length).toBeGreaterThanOrEqual(640);
    expect(device.stats()).toMatchObject({ program: 'parec', dropped: 0 });
    expect(device.ended).toBe(false);
    expect(errors).toEqual([]);
  });

  it('keeps the newest 120 ms when nobody reads, and counts the rest', async () => {
    const { environment } = await standIns({
      arecord: `${counts(16_000)} process.stdout.write(bytes, () => undefined); ${lives}`,
    });
    const { device } = started(Microphone, { environment });
    await vi.waitUntil(() => device.stats().dropped === 16_000 - 1920, patience);
    const frame = new Int16Array(1920);
    device.read(frame);
    expect([frame[0], frame[1919]]).toEqual([16_000 - 1919, 16_000]);
    device.read(frame);
    expect(device.stats().missing).toBe(1920);
  });

  it('hands a program what it is to do, and no shell reads it', async () => {
    const { environment, folder } = await standIns({
      arecord: `note('arguments', process.argv.slice(2).join('\\n')); ${lives}`,
    });
    const device = 'hw:0; touch $(echo shell) "x';
    started(Microphone, { environment, system: 'alsa', device });
    const file = join(folder, 'arguments');
    await vi.waitUntil(() => existsSync(file), patience);
    const given = readFileSync(file, 'utf8').split('\n');
    expect(given).toEqual(expect.arrayContaining(['S16_LE', '16000', device]));
    expect((await readdir(folder)).sort()).toEqual(['arecord', 'arecord.cjs', 'arguments']);
  });

  it('takes the next program when one cannot, and says so when none can', async () => {
    const { environment } = await standIns({
      'pw-record': fails('no server'),
      parec: fails('connection refused'),
      rec: `${counts(1600)} process.stdout.write(bytes); ${lives}`,
    });
    const working = started(Microphone, { environment });
    expect((await heardFrom(working.device)).slice(0, 3)).toEqual([1, 2, 3]);
    expect(working.device.stats().program).toBe('rec');
    expect(working.errors).toEqual([]);

    const failing = started(Microphone, { environment, system: 'pulseaudio' });
    await failing.device.finished;
    expect(failing.errors.map(({ code, message }) => [code, message])).toEqual([
      [
        'sound-device',
        expect.stringMatching(/^the microphone does not work: parec: connection refused\. Is there a device/),
      ],
    ]);

    const { environment: none } = await standIns({
      parec: fails('parec: connection refused'),
      arecord: fails('no such file'),
      ffmpeg: fails('unknown format'),
    });
    const silent = started(Microphone, { environment: none });
    await silent.device.finished;
    // One line for a person, though ffmpeg was tried for several systems.
    expect(silent.errors[0]?.message).toMatch(
      /parec: connection refused \(arecord, ffmpeg neither\)\. Is there a device/,
    );

    const frame = new Int16Array(160).fill(1);
    failing.device.read(frame);
    expect(frame.every((sample) => sample === 0)).toBe(true);
    expect(failing.device.stats().program).toBeUndefined();
  });

  it('takes the next program when one is there that cannot be started', async () => {
    const { environment, folder } = await standIns({ rec: `${counts(1600)} process.stdout.write(bytes); ${lives}` });
    await writeFile(join(folder, 'arecord'), '#!/no/such/interpreter\n', { mode: 0o755 });
    const { device, errors } = started(Microphone, { environment });
    expect((await heardFrom(device)).at(0)).toBe(1);
    expect(errors).toEqual([]);
    const failing = started(Microphone, { environment, system: 'alsa' });
    await failing.device.finished;
    expect(failing.errors[0]?.message).toMatch(/arecord: cannot be started/);
  });

  it('says what to install where there is no program at all', async () => {
    const { environment } = await standIns({});
    const { device, errors } = started(Microphone, { environment });
    await device.finished;
    expect(errors[0]?.message).toMatch(/^the microphone does not work: .*Install one of pipewire-bin,.*alsa-utils/);
  });

  it('goes on with another program when one that worked has died', async () => {
    const { environment, folder } = await standIns({
      parec: `const first = !fs.existsSync(folder + '/started');
        note('started', '');
        if (first) { ${counts(16_000)} process.stdout.write(bytes, () => process.exit(1)); }
        else { ${counts(1600)} process.stdout.write(bytes); ${lives} }`,
    });
    const { device, errors } = started(Microphone, { environment });
    await vi.waitUntil(() => device.stats().dropped >= 16_000 - 320, patience);
    expect(existsSync(join(folder, 'started'))).toBe(true);
    expect((await heardFrom(device)).slice(318, 322)).toEqual([15_999, 16_000, 1, 2]);
    expect(errors).toEqual([]);
  });
});

describe('a loudspeaker', () => {
  const keeps = `
    const chunks = [];
    process.stdin.on('data', (chunk) => {
      chunks.push(chunk);
      note('played', Buffer.concat(chunks));
    });
    process.stdin.on('end', () => process.exit(0));
    note('ready', '');`;

  it('plays what is written, once a program runs', async () => {
    const { environment, folder } = await standIns({ pacat: keeps });
    const { device, errors } = started(Loudspeaker, { environment });
    const early = new Int16Array(320).fill(-1);
    device.write(early);
    expect(device.stats()).toEqual({ program: undefined, dropped: 320 });
    await vi.waitUntil(() => existsSync(join(folder, 'ready')), patience);
    const sound = Int16Array.from({ length: 3200 }, (_, index) => index - 1600);
    for (let start = 0; start < 3200; start += 320) device.write(sound.subarray(start, start + 320));
    const played = join(folder, 'played');
    await vi.waitUntil(() => existsSync(played) && readFileSync(played).length === 6400, patience);
    const bytes = readFileSync(played);
    expect(Int16Array.from({ length: 3200 }, (_, index) => bytes.readInt16LE(2 * index))).toEqual(sound);
    expect(device.stats()).toEqual({ program: 'pacat', dropped: 320 });
    expect(errors).toEqual([]);
  });

  it('ends a program that does not read, takes the next one, and counts what was lost', async () => {
    const { environment, folder } = await standIns({
      'pw-play': `note('stuck', String(process.pid)); ${lives}`,
      aplay: keeps,
    });
    const { device } = started(Loudspeaker, { environment });
    const frame = new Int16Array(320).fill(7);
    await vi.waitUntil(() => {
      device.write(frame);
      return existsSync(join(folder, 'played'));
    }, patience);
    expect(device.stats().program).toBe('aplay');
    expect(device.stats().dropped).toBeGreaterThan(1920);
    expect(isAlive(Number(readFileSync(join(folder, 'stuck'), 'utf8')))).toBe(false);
  });

  it('says so when none can play', async () => {
    const { environment } = await standIns({ aplay: fails('no such device'), play: fails('no default device') });
    const { device, errors } = started(Loudspeaker, { environment });
    await device.finished;
    expect(errors[0]?.message).toMatch(
      /^the loudspeaker does not work: aplay: no such device \(play neither\)\. Is there/,
    );
    device.write(new Int16Array(160));
    expect(device.stats()).toEqual({ program: undefined, dropped: 160 });
  });
});

describe('the program of a device', () => {
  it('is gone when the device is closed, also one that was never started', async () => {
    const { environment, folder } = await standIns({ parec: `note('pid', String(process.pid)); ${lives}` });
    const { device } = started(Microphone, { environment });
    const file = join(folder, 'pid');
    await vi.waitUntil(() => existsSync(file), patience);
    device.close();
    device.close();
    await device.finished;
    expect(isAlive(Number(readFileSync(file, 'utf8')))).toBe(false);
    expect(device.ended).toBe(true);
    expect(device.stats().program).toBeUndefined();
    expect(process.listenerCount('exit')).toBe(exitListeners);

    const unused = new Microphone({ environment });
    unused.close();
    await unused.finished;
  });

  const exitListeners = process.listenerCount('exit');

  // Real programs end when their pipe does; one that does not is killed where that can still be done.
  const stubborn = { records: lives, plays: lives };
  const ordinary = {
    records: "process.stdout.on('error', () => process.exit(0)); setInterval(() => process.stdout.write('sound '), 1);",
    plays: "process.stdin.on('end', () => process.exit(0)).resume();",
  };
  it.each([
    ['is killed', 'SIGKILL', ordinary],
    ['ends by itself', undefined, stubborn],
  ] as const)('does not outlive a phone that %s', async (_how, signal, { records, plays }) => {
    const { environment, folder } = await standIns({
      parec: `note('microphone', String(process.pid)); ${records}`,
      pacat: `note('loudspeaker', String(process.pid)); ${plays}`,
    });
    const phone = join(folder, 'phone.ts');
    const door = (name: string): string => JSON.stringify(fileURLToPath(new URL(name, import.meta.url)));
    await writeFile(
      phone,
      `import { Loudspeaker } from ${door('loudspeaker.ts')};
       import { Microphone } from ${door('microphone.ts')};
       const environment = ${JSON.stringify(environment)};
       new Microphone({ environment }).start();
       new Loudspeaker({ environment }).start();
       process.stdin.on('data', () => process.exit(0));`,
    );
    const child = spawn(process.execPath, ['--conditions=source', phone], { stdio: ['pipe', 'inherit', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const files = ['microphone', 'loudspeaker'].map((name) => join(folder, name));
    await vi.waitUntil(() => files.every((file) => existsSync(file)), patience);
    const programs = files.map((file) => Number(readFileSync(file, 'utf8')));
    expect(programs.every(isAlive)).toBe(true);
    if (signal === undefined) child.stdin.write('end');
    else child.kill(signal);
    await once(child, 'exit');
    await vi.waitUntil(() => !programs.some(isAlive), patience);
  });
});
