import { mkdtempSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applicationsFolder, desktopEntry, handlerAdvice, handlerName, installHandler } from './link-handler.ts';

test('the folder of applications is where XDG_DATA_HOME says, else in the home folder', () => {
  expect(applicationsFolder({ XDG_DATA_HOME: '/data' })).toBe('/data/applications');
  for (const environment of [{}, { XDG_DATA_HOME: '' }, { XDG_DATA_HOME: 'relative' }])
    expect(applicationsFolder(environment)).toBe(join(homedir(), '.local/share/applications'));
});

test('the entry takes links of three schemes, as one argument that is no option', () => {
  const entry = desktopEntry(['/usr/bin/node', 'main.js', 'dial', '--from', 'sip:alice@example.com']);
  expect(entry).toContain('Exec="/usr/bin/node" "main.js" "dial" "--from" "sip:alice@example.com" -- %u\n');
  expect(entry).toContain('MimeType=x-scheme-handler/sip;x-scheme-handler/sips;x-scheme-handler/tel;\n');
});

test('arguments are quoted, so that none adds a line, a field code or an argument', () => {
  const [line = ''] = desktopEntry(['a "b" $c `d` \\e %u\nTerminal=true']).match(/^Exec=.*$/m) ?? [];
  expect(line).toBe('Exec="a \\\\"b\\\\" \\\\$c \\\\`d\\\\` \\\\\\\\e %%u\\nTerminal=true" -- %u');
});

test('it is written into a folder that need not be there', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'switchhook-handler-')), 'share/applications');
  const path = installHandler(['switchhook', 'dial'], folder);
  expect(path).toBe(join(folder, handlerName));
  expect(readFileSync(path, 'utf8')).toBe(desktopEntry(['switchhook', 'dial']));
});

test.each([
  ['linux', 'xdg-mime default switchhook-dial.desktop x-scheme-handler/sip x-scheme-handler/sips x-scheme-handler/tel'],
  ['win32', 'reg add HKCU\\Software\\Classes\\tel\\shell\\open\\command /d "\\"switchhook\\" \\"dial\\" -- \\"%1\\""'],
  ['darwin', '"switchhook" "dial" -- LINK'],
])('what to run on %s is told', (platform, advice) => {
  expect(handlerAdvice(['switchhook', 'dial'], platform)).toContain(advice);
});
