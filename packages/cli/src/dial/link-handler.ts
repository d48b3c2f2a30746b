import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { makeFolder } from '@switchhook/node';

/** The name of the handler in the folder of applications. */
export const handlerName = 'switchhook-dial.desktop';

const schemes = ['sip', 'sips', 'tel'];

/** Where a person's own applications are listed (XDG Base Directory Specification); a relative path counts for none. */
export function applicationsFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const data = environment['XDG_DATA_HOME'];
  return join(data !== undefined && isAbsolute(data) ? data : join(homedir(), '.local/share'), 'applications');
}

/**
 * The Desktop Entry that hands sip: and tel: links to a command. The link comes as one argument behind `--`, whatever
 * is in it: no shell reads it, and no option is taken from it.
 */
export function desktopEntry(command: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Version=1.5',
    'Name=Switchhook',
    'Comment=Has your telephone call whom a link names',
    `Exec=${command.map(quoted).join(' ')} -- %u`,
    'Terminal=false',
    'NoDisplay=true',
    'Categories=Network;Telephony;',
    `MimeType=${schemes.map((scheme) => `x-scheme-handler/${scheme};`).join('')}`,
    '',
  ].join('\n');
}

/** Quoted as Exec wants it, and that as a value of a string (Desktop Entry Specification, The Exec key). */
function quoted(argument: string): string {
  const exec = `"${argument.replace(/["`$\\]/g, '\\$&').replace(/%/g, '%%')}"`;
  return exec.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/\t/g, '\\t').replace(/\r/g, '\\r');
}

/** Writes it; answers with its path. */
export function installHandler(command: readonly string[], folder: string): string {
  makeFolder(folder);
  const path = join(folder, handlerName);
  writeFileSync(path, desktopEntry(command));
  return path;
}

/** What the person has to do himself, a line each. */
export function handlerAdvice(command: readonly string[], platform: string): string {
  const schemesOfDesktop = schemes.map((scheme) => `x-scheme-handler/${scheme}`).join(' ');
  if (platform !== 'darwin' && platform !== 'win32') {
    return `To make it the one that opens links, run:\n  xdg-mime default ${handlerName} ${schemesOfDesktop}\n`;
  }
  const shown = command.map((argument) => `"${argument}"`).join(' ');
  if (platform === 'win32') {
    const keys = schemes.flatMap((scheme) => [
      `  reg add HKCU\\Software\\Classes\\${scheme} /v "URL Protocol" /d ""`,
      `  reg add HKCU\\Software\\Classes\\${scheme}\\shell\\open\\command /d "${shown.replace(/"/g, '\\"')} -- \\"%1\\""`,
    ]);
    return `To have links open with it, run:\n${keys.join('\n')}\n`;
  }
  return `On this system an application has to be made of it; have one that takes URLs (Shortcuts, Automator) run:\n  ${shown} -- LINK\n`;
}
