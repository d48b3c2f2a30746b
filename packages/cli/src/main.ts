#!/usr/bin/env node
import { broughtNode, isRecentEnough, runElsewhere } from './runtime.ts';

const parameters = process.argv.slice(2);

if (isRecentEnough(process.versions.node)) {
  const [{ run }, { endWithReader, processTerminal }] = await Promise.all([
    import('./index.ts'),
    import('./process-terminal.ts'),
  ]);
  endWithReader();
  process.exitCode = await run(parameters, processTerminal);
} else {
  const brought = broughtNode(process.platform, process.arch);
  const commandLine = [process.argv[1] ?? import.meta.filename, ...parameters];
  process.exitCode = await runElsewhere(brought, commandLine, (text) => void process.stderr.write(text));
}
