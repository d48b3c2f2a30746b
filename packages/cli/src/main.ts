#!/usr/bin/env node
import { run } from './index.ts';
import { processTerminal } from './process-terminal.ts';

process.exitCode = await run(process.argv.slice(2), processTerminal);
