import { SaxesParser } from 'saxes';

/** One dialog element (RFC 4235 4.1.2). */
export interface DialogInformationEntry {
  readonly id: string;
  readonly callId: string | undefined;
  readonly localTag: string | undefined;
  readonly remoteTag: string | undefined;
  readonly direction: string | undefined;
  readonly state: string;
  readonly remoteTarget: string | undefined;
}

/** A document of application/dialog-info+xml (RFC 4235). */
export interface DialogInformation {
  readonly version: number;
  readonly state: string;
  readonly entity: string;
  readonly dialogs: readonly DialogInformationEntry[];
}

/** What was read last: one NOTIFY is held against many messages of a flow. */
let last: { readonly text: string; readonly information: DialogInformation | undefined } | undefined = undefined;

/** Reads a document; undefined when it is none. */
export function readDialogInformation(text: string): DialogInformation | undefined {
  if (last?.text !== text) last = { text, information: parse(text) };
  return last.information;
}

function parse(text: string): DialogInformation | undefined {
  const dialogs: { -readonly [Key in keyof DialogInformationEntry]: DialogInformationEntry[Key] }[] = [];
  const path: string[] = [];
  let root: Readonly<Record<string, string>> | undefined;
  const faults: Error[] = [];
  const parser = new SaxesParser();
  parser.on('error', (fault) => {
    faults.push(fault);
  });
  parser.on('opentag', ({ name, attributes }) => {
    const local = name.slice(name.indexOf(':') + 1);
    path.push(local);
    if (local === 'dialog-info') root = attributes;
    const dialog = dialogs.at(-1);
    // The examples of RFC 5359 write the address as text, the schema as an attribute (RFC 4235 4.1.6.2).
    if (local === 'target' && path.at(-2) === 'remote' && dialog !== undefined) dialog.remoteTarget = attributes['uri'];
    if (local !== 'dialog') return;
    dialogs.push({
      id: attributes['id'] ?? '',
      callId: attributes['call-id'],
      localTag: attributes['local-tag'],
      remoteTag: attributes['remote-tag'],
      direction: attributes['direction'],
      state: '',
      remoteTarget: undefined,
    });
  });
  parser.on('text', (part) => {
    const dialog = dialogs.at(-1);
    if (dialog === undefined) return;
    const [inside, parent] = [path.at(-1), path.at(-2)];
    if (inside === 'state' && parent === 'dialog') dialog.state += part.trim();
    if (inside === 'target' && parent === 'remote') dialog.remoteTarget = (dialog.remoteTarget ?? '') + part.trim();
  });
  parser.on('closetag', () => {
    path.pop();
  });
  parser.write(text).close();
  if (faults.length > 0 || root === undefined) return undefined;
  return {
    version: Number(root['version'] ?? NaN),
    state: root['state'] ?? '',
    entity: root['entity'] ?? '',
    dialogs,
  };
}
