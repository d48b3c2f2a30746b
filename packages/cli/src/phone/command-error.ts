/** A command that cannot be carried out because there is nothing to do it to; the message says so to a person. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
