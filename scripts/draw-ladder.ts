/** Draws `docs/flows/call-park.svg`: the ladder of RFC 5359 2.15 as it is played in the simulator. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flow, ladderSvg } from '@switchhook/flows';

const folder = join(import.meta.dirname, '../docs/flows');
const { played } = await flow('2.15');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'call-park.svg'), `${ladderSvg(played.report, 'file').text}\n`);
