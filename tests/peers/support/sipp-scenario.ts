import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SippCall } from './sipp-call.ts';
import { SippSheet } from './sipp-sheet.ts';
import type { Searches } from './sipp-sheet.ts';

/** What a call of SIPp's is begun by, and how it goes on. */
interface Beginning {
  readonly request: string;
  /** What has to be so for it; for all the others without. */
  readonly when: When;
  readonly write: (call: SippCall) => void;
}

interface When {
  /** A header field that the request has. */
  readonly has?: string;
  /** A word that was said before ({@link SippCall.remember}). */
  readonly after?: string;
  /** Whether it comes by way of a proxy, although not everything does. */
  readonly isRouted?: boolean;
  /** What is remembered of the request, beside what always is. */
  readonly remembered?: Searches;
}

/** The variable that is set where it is so. */
function testOf({ has, after }: When): string | undefined {
  return has === undefined ? after : 'hasAll';
}

/**
 * What one SIPp says and hears in a flow, in the words of a person instead of XML. SIPp waits, and everything that comes with a
 * Call-ID that is new to it begins a call of its own there, which goes its way beside the others: a request of somebody's, or a step
 * that its {@link SippPrompter} tells it.
 */
export class SippScenario {
  readonly #isProxied: boolean;
  readonly #beginnings: Beginning[] = [];

  /** `isProxied`: all that it hears and says goes through a proxy. */
  constructor(isProxied = false) {
    this.#isProxied = isProxied;
  }

  /** How it goes on from a request, or from a step. */
  on(request: string, write: (call: SippCall) => void, when: When = {}): this {
    this.#beginnings.push({ request: request.toUpperCase(), when, write });
    return this;
  }

  /** The requests that begin calls. */
  get requests(): ReadonlySet<string> {
    return new Set(this.#beginnings.map(({ request }) => request));
  }

  /** Writes it into a file of the folder and answers its path. */
  write(directory: string): string {
    const sheet = new SippSheet();
    // What is told apart by more than its method can only be the last that SIPp looks for.
    const requests = [...this.requests].sort((one, another) => this.#count(one) - this.#count(another));
    const calls = this.#beginnings.map((beginning) => ({ ...beginning, label: sheet.label() }));
    for (const request of requests) {
      const alike = calls.filter((call) => call.request === request);
      const usual = alike.find(({ when }) => testOf(when) === undefined);
      const first = alike.find((call) => call !== usual) ?? usual;
      if (first === undefined) continue;
      const { has } = first.when;
      const searches = alike.reduce((all, { when }) => ({ ...all, ...when.remembered }), {});
      const header: Searches = has === undefined ? {} : { has: [has, '(.+)'] };
      const test = testOf(first.when);
      const attributes = [
        `request="${request}" next="${first.label}"`,
        ...(request === requests.at(-1) ? [] : ['optional="true"']),
        ...(test === undefined ? [] : [`test="${test}"`]),
      ].join(' ');
      sheet.add(`<recv ${attributes}>${SippCall.beginning(sheet, { ...header, ...searches })}</recv>`);
      if (usual !== undefined && usual !== first) sheet.add(`<nop next="${usual.label}"/>`);
    }
    for (const { label, when, write } of calls) {
      sheet.add(`<label id="${label}"/>`);
      write(new SippCall(sheet, this.#isProxied || when.isRouted === true));
      sheet.add('<nop next="end"/>');
    }
    sheet.add('<label id="end"/>');
    const path = join(directory, 'scenario.xml');
    writeFileSync(path, sheet.text);
    return path;
  }

  #count(request: string): number {
    return this.#beginnings.filter((each) => each.request === request).length;
  }
}
