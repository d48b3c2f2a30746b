#!/usr/bin/env node
import { broughtNode, isRecentEnough, runOn, tooOld } from './runtime.ts';

const parameters = process.argv.slice(2);
const brought = broughtNode(process.platform, process.arch);

if (isRecentEnough(process.versions.node)) {
  const [{ run }, { endWithReader, processTerminal }] = await Promise.all([
    import('./index.ts'),
    import('./process-terminal.ts'),
  ]);
  endWithReader();
  process.exitCode = await run(parameters, processTerminal);
} else if (brought === undefined) {
  process.stderr.write(tooOld(process.versions.node));
  process.exitCode = 1;
} else {
  process.exitCode = await runOn(brought, [process.argv[1] ?? import.meta.filename, ...parameters]);
}
