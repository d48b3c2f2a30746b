/** `npm run docs`: draws the state machines beside the pages of docs that show them, and writes their tables into those. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machinePages, machinePictures, withMachineTables } from './machines.ts';

const docs = join(import.meta.dirname, '../docs');

for (const name of machinePages) {
  const pictures = join(docs, name);
  mkdirSync(pictures, { recursive: true });
  for (const [file, picture] of machinePictures(name)) writeFileSync(join(pictures, file), picture);
  const page = join(docs, `${name}.md`);
  writeFileSync(page, withMachineTables(name, readFileSync(page, 'utf8')));
}
