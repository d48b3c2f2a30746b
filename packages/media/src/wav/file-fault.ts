/** What the system says of a file, for a person: without its code, its call and the path, which he has read already. */
export function fileFault(error: unknown): string {
  return error instanceof Error ? error.message.replaceAll(/^E[A-Z]+: |, \w+(?: '[^]*')?$/g, '') : String(error);
}
