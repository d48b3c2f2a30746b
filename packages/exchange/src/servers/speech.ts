import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRecording } from './recording.ts';
import type { Recording } from './recording.ts';

/** Milliseconds that espeak-ng may take; it needs a tenth of a second for a sentence. */
const patience = 20_000;

/** Has espeak-ng speak a text. Rejects where it is not installed, or does not know the voice. */
export async function speak(text: string, voice: string): Promise<Recording> {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-speech-'));
  try {
    const file = join(folder, 'speech.wav');
    await run(['-v', voice, '-s', '150', '--stdin', '-w', file], text);
    return await readRecording(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The text goes by its standard input, so that none of it is taken for an option. */
function run(parameters: readonly string[], text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const program = spawn('espeak-ng', parameters, { stdio: ['pipe', 'ignore', 'ignore'], timeout: patience });
    program.on('error', reject);
    program.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`espeak-ng ended with ${String(code)}`));
    });
    // Who has gone already is heard of by the events above.
    program.stdin.on('error', () => undefined);
    program.stdin.end(text);
  });
}
