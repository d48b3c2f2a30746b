/** Methods whose requests carry a Contact that the far end takes as the new target (RFC 3261 12.2, RFC 5057 5.4). */
const targetRefreshes: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);
const dialogMakers: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);

export function isTargetRefresh(method: string): boolean {
  return targetRefreshes.has(method);
}

export function makesDialogs(method: string): boolean {
  return dialogMakers.has(method);
}
