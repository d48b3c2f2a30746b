/**
 * The compiler that checks and builds: a program of its own, a third of the work of the one in JavaScript, which stays for what
 * asks about types (lint, docstrings).
 */
import { fileURLToPath } from 'node:url';

export const compiler = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript-7/package.json')));
