import type { AdminAnswer } from './admin-client.ts';
import { exitCodes } from './command.ts';
import type { Terminal } from './command.ts';

/** Shows an answer of the API by `print`, or says what went wrong; answers with the exit code. */
export function readAnswer(answer: AdminAnswer, terminal: Terminal, print: (value: unknown) => void): number {
  if (answer.kind === 'not-running') {
    terminal.complain(`switchhook: ${answer.message}\n`);
    return exitCodes.notRunning;
  }
  const value: unknown = JSON.parse(answer.text);
  if (answer.status === 200) {
    print(value);
    return exitCodes.done;
  }
  for (const sentence of complaints(value)) terminal.complain(`switchhook: ${sentence}\n`);
  return exitCodes.failed;
}

function complaints(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [String(value)];
  if (!('faults' in value) || !Array.isArray(value.faults))
    return ['error' in value ? String(value.error) : 'it failed'];
  return value.faults.map((fault: unknown) => {
    const { path, message } = { path: '', message: '', ...(typeof fault === 'object' ? fault : {}) };
    return path === '' ? message : `${path}: ${message}`;
  });
}
