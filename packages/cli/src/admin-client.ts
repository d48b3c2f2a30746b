import { readAdminAccess } from '@switchhook/exchange/folder';
import { typed } from './typed-command.ts';

/** An answer of the running exchange, or why there is none. */
export type AdminAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly text: string }
  | { readonly kind: 'not-running'; readonly message: string };

/** Asks the exchange that serves from a data folder, or has it change something. */
export async function askExchange(
  dataFolder: string,
  path: string,
  change?: { readonly method: 'PATCH' | 'DELETE'; readonly body?: unknown },
): Promise<AdminAnswer> {
  const advice = `start it with \`${typed('serve')}\`, or name its folder with --data`;
  const access = readAdminAccess(dataFolder);
  if (access === undefined) {
    return { kind: 'not-running', message: `no exchange has served from ${dataFolder}; ${advice}` };
  }
  try {
    const response = await fetch(`${access.url}${path}`, {
      ...(change && { method: change.method }),
      ...(change?.body !== undefined && { body: JSON.stringify(change.body) }),
      headers: {
        Authorization: `Bearer ${access.token}`,
        ...(change?.body !== undefined && { 'Content-Type': 'application/merge-patch+json' }),
      },
      signal: AbortSignal.timeout(5_000),
    });
    return { kind: 'answer', status: response.status, text: await response.text() };
  } catch {
    return {
      kind: 'not-running',
      message: `the exchange of ${dataFolder} does not answer at ${access.url}; ${advice}`,
    };
  }
}
