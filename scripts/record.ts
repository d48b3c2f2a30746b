/**
 * Makes the recordings that come along, from their texts: `npm run record`. They are kept in the repository; only who changes
 * a text needs espeak-ng and sox. The sound is 8,000 samples a second in mu-law, as a telephone line carries it.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { announcementTexts } from '../packages/exchange/src/servers/announcement-names.ts';

const folder = join(import.meta.dirname, '../packages/exchange/recordings');

mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(announcementTexts)) {
  const spoken = execFileSync('espeak-ng', ['-v', 'en-gb', '-s', '150', '--stdin', '--stdout'], { input: text });
  const file = join(folder, `${name}.wav`);
  const format = ['-r', '8000', '-c', '1', '-e', 'mu-law', file];
  // A little silence before and after: who has just answered hears the first word, too. Digits follow each other.
  const silence = name.startsWith('digit-') ? ['0', '0.05'] : ['0.3', '0.5'];
  execFileSync('sox', ['-t', 'wav', '-', ...format, 'norm', '-6', 'pad', ...silence], { input: spoken });
}
