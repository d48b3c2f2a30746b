import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { getSystemErrorMessage } from 'node:util';
import { isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, Node, Pair, YAMLError } from 'yaml';
import type { z } from 'zod';
import { explain, property } from './explain.ts';
import { ConfigurationError, printPath } from './fault.ts';
import type { ConfigurationFault } from './fault.ts';
import { configurationSchema } from './schema.ts';
import type { ConfigurationFile } from './schema.ts';
import { semanticFaults } from './semantics.ts';
import { suggest } from './suggest.ts';
import { hasErrorCode } from '../errors.ts';

/** A configuration file that is in order. */
export interface ReadConfiguration {
  readonly contents: ConfigurationFile;
  /** Where a part of it stands, as `switchhook.yaml:7:21`. */
  readonly placeOf: (path: readonly PropertyKey[]) => string;
}

/** Reads and checks a configuration file; throws {@link ConfigurationError} with every fault in it. */
export function readConfigurationFile(file: string): ReadConfiguration {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const said =
      error instanceof Error && 'errno' in error ? getSystemErrorMessage(Number(error.errno)) : String(error);
    const reason = hasErrorCode(error, 'ENOENT') ? 'there is no such file' : `cannot be read: ${said}`;
    throw new ConfigurationError(file, [{ line: 0, column: 0, path: '', message: reason }]);
  }
  const text = bytes.toString('utf8');
  if (!isUtf8(bytes)) {
    const before = text.slice(0, text.indexOf('\u{FFFD}'));
    const [line, column] = [before.split('\n').length, before.length - before.lastIndexOf('\n')];
    throw new ConfigurationError(file, [{ line, column, path: '', message: notUtf8 }]);
  }
  return parseConfiguration(text, file);
}

/** Read all the same, each foreign character would be the same one, in a password too: nobody could log in with his, or two with one. */
const notUtf8 = 'holds a character that is not UTF-8; save the file as UTF-8';

/** As {@link readConfigurationFile}, for text that is at hand; `file` is only for the messages. */
export function parseConfiguration(text: string, file: string): ReadConfiguration {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  // What it only warns of, as a tag that it does not know, would be read as something else than was meant.
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) {
    throw new ConfigurationError(
      file,
      errors.map((error) => at(lines, error.pos[0], [], `is not YAML: ${said(error)}`)),
    );
  }
  const value = plain(document, lines, file) ?? {};
  const result = configurationSchema.safeParse(value);
  const locate: Locate = (path, message, where = 'value') => at(lines, offsetOf(document, path, where), path, message);
  if (!result.success) {
    throw new ConfigurationError(file, inOrder(result.error.issues.flatMap((issue) => faultsOf(issue, value, locate))));
  }
  const faults = semanticFaults(result.data).map((fault) => locate(fault.path, fault.message));
  if (faults.length > 0) throw new ConfigurationError(file, inOrder(faults));
  return {
    contents: result.data,
    placeOf: (path) => {
      const { line, column } = locate(path, '');
      return `${file}:${String(line)}:${String(column)}`;
    },
  };
}

/** What the reader of YAML says to programs, in words for who has written the file. */
function said({ code, message }: YAMLError): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here; a configuration is one, without "---" in it';
  if (code === 'DUPLICATE_KEY') return 'this key is there already';
  if (message.startsWith('Maximum call stack')) return 'it is nested too deeply';
  return message;
}

/** The document without its anchors. An alias of nothing, or too many of them, only shows here. */
function plain(document: Document, lines: LineCounter, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    let offset = 0;
    let message = error instanceof Error ? error.message : String(error);
    visit(document, {
      Alias(_key, alias) {
        if (alias.resolve(document) !== undefined) return undefined;
        offset = alias.range?.[0] ?? 0;
        message = `nothing before has the anchor &${alias.source}`;
        return visit.BREAK;
      },
    });
    throw new ConfigurationError(file, [at(lines, offset, [], `is not YAML: ${message}`)]);
  }
}

/** Makes a fault at the value of a path, or at the key that leads to it. */
type Locate = (path: readonly PropertyKey[], message: string, where?: 'value' | 'key') => ConfigurationFault;

function faultsOf(issue: z.core.$ZodIssue, value: unknown, locate: Locate): ConfigurationFault[] {
  if (issue.code !== 'unrecognized_keys') return [locate(issue.path, explain(issue, value))];
  const known = knownKeys(issue.path);
  return issue.keys.map((key) => {
    const near = suggest(key, known);
    const help = near === undefined ? `known here: ${known.join(', ')}` : `did you mean ${near}?`;
    return locate([...issue.path, key], `is not a known key; ${help}`, 'key');
  });
}

/** The keys the schema knows at a path. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let schema: unknown = configurationSchema;
  for (const key of path) schema = childSchema(unwrap(schema), key);
  const shape = property(property(unwrap(schema), 'def'), 'shape');
  return typeof shape === 'object' && shape !== null ? Object.keys(shape) : [];
}

function unwrap(schema: unknown): unknown {
  const inner = property(property(schema, 'def'), 'innerType');
  return inner === undefined ? schema : unwrap(inner);
}

function childSchema(schema: unknown, key: PropertyKey): unknown {
  const definition = property(schema, 'def');
  return typeof key === 'number' ? property(definition, 'element') : property(property(definition, 'shape'), key);
}

/** Where the value of a path begins; for a key that is missing, where its nearest parent does. */
function offsetOf(document: Document, path: readonly PropertyKey[], where: 'value' | 'key'): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const key of path) {
    const pair: Pair | undefined = isMap(node)
      ? node.items.find((item) => isScalar(item.key) && item.key.value === key)
      : undefined;
    const child: unknown = pair?.value ?? (isNode(node) && 'get' in node ? node.get(key, true) : undefined);
    const found = startOf(child) ?? startOf(pair?.key);
    if (found === undefined) break;
    offset = where === 'key' ? (startOf(pair?.key) ?? found) : found;
    node = child;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node satisfies Node).range?.[0] : undefined;
}

function at(lines: LineCounter, offset: number, path: readonly PropertyKey[], message: string): ConfigurationFault {
  const { line, col } = lines.linePos(offset);
  return { line, column: col, path: printPath(path), message };
}

function inOrder(faults: readonly ConfigurationFault[]): ConfigurationFault[] {
  return faults.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
