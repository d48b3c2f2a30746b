/** `npm run docs`: draws the state machines into docs/transactions and writes their tables into docs/transactions.md. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machinePictures, withMachineTables } from './machines.ts';

const docs = join(import.meta.dirname, '../docs');
const pictures = join(docs, 'transactions');

mkdirSync(pictures, { recursive: true });
for (const [name, picture] of machinePictures()) writeFileSync(join(pictures, name), picture);
const page = join(docs, 'transactions.md');
writeFileSync(page, withMachineTables(readFileSync(page, 'utf8')));
