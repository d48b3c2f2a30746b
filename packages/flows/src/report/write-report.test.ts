import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkFlow } from '../checker/check.ts';
import { flowScripts } from '../flow/flow-scripts.ts';
import { readOracle } from '../oracle/oracle.ts';
import { simulateFlow } from '../simulation/simulate-flow.ts';
import { hostilePlay } from './hostile-play.testing.ts';
import { reportDocument } from './report-document.ts';
import type { ReportedPlay } from './report-document.ts';
import { reportJsonSchema, reportSchema } from './report-schema.ts';
import { writeReport } from './write-report.ts';

/** With a proxy, with a mixer, with a server. */
const sections = ['2.1', '2.10', '2.15'];
const made = new Date('2026-01-01T12:00:00Z');
const folder = await mkdtemp(join(tmpdir(), 'switchhook-report-'));
const [right, wrong] = [join(folder, 'right'), join(folder, 'deep', 'wrong')];
const plays: ReportedPlay[] = [];

beforeAll(async () => {
  for (const script of flowScripts.filter(({ flow }) => sections.includes(flow))) {
    plays.push({ played: await simulateFlow(script), stage: 'TLS in the simulator', milliseconds: 1_500 });
  }
  await writeReport(right, plays, made);
  await writeReport(wrong, [{ played: await hostilePlay(), stage: '<b>here</b>', milliseconds: 1_500 }], made);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const read = (...path: readonly string[]): Promise<string> => readFile(join(...path), 'utf8');

interface Found {
  readonly elements: ReadonlySet<string>;
  /** By name, every value. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
  readonly text: string;
}

/** Reads a page as XML, which these pages are too: a fault of escaping is an error. */
function parse(document: string): Found {
  const elements = new Set<string>();
  const attributes = new Map<string, string[]>();
  let all = '';
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    elements.add(tag.name);
    for (const [name, value] of Object.entries(tag.attributes)) {
      attributes.set(name, [...(attributes.get(name) ?? []), value]);
    }
  });
  parser.on('text', (text) => (all += text));
  parser.write(document).close();
  return { elements, attributes, text: all };
}

test('there is an index, a page, a picture and a capture for each flow, and two files for programs', async () => {
  const names = await readdir(right);
  expect(names).toHaveLength(3 + 3 * sections.length);
  expect(names).toEqual(expect.arrayContaining(['index.html', 'junit.xml', 'report.json', '2.15-call-park.html']));
  const { attributes } = parse(await read(right, 'index.html'));
  for (const { id, slug } of readOracle().flows.filter((flow) => sections.includes(flow.id))) {
    for (const kind of ['html', 'pcapng', 'svg']) expect(attributes.get('href')).toContain(`${id}-${slug}.${kind}`);
  }
});

test('every link of a page leads to a place in it, or to a file of the report', async () => {
  const names = await readdir(right);
  for (const name of names.filter((each) => each.endsWith('.html'))) {
    const { attributes } = parse(await read(right, name));
    const ids = attributes.get('id') ?? [];
    expect(new Set(ids).size, name).toBe(ids.length);
    for (const href of attributes.get('href') ?? []) {
      expect(href.startsWith('#') ? ids : names, `${name} ${href}`).toContain(href.replace('#', ''));
    }
  }
});

test('a page has every message of the flow beside what the RFC prints, each difference explained', async () => {
  const { text, attributes } = parse(await read(right, '2.15-call-park.html'));
  expect(attributes.get('id')).toEqual(expect.arrayContaining(['F1', 'F24', 'ladder-F1', 'ladder-F24']));
  expect(text).toContain('SUBSCRIBE sips:bob@biloxi.example.com SIP/2.0');
  expect(text).toContain('SUBSCRIBE sips:park@server.example.com SIP/2.0');
  expect(text).toContain('E2.15-01');
  expect(text).toContain('No RTP sent');
  expect(text).toContain('C2.15-01');
  const { flows } = reportDocument(plays, made);
  for (const { messages } of flows) {
    for (const { differences } of messages) {
      for (const { kind, why } of differences) expect(why === null).toBe(kind === 'same');
    }
  }
});

test('a page of a flow that broke off tells of what it did not come to in one line', async () => {
  const [play] = plays;
  if (play === undefined) throw new Error('nothing was played');
  const { conversation, report, leftOvers } = play.played;
  const f10 = report.matched.get('F10')?.time ?? Infinity;
  const begun = { ...conversation, messages: conversation.messages.filter(({ time }) => time < f10) };
  const played = { conversation: begun, report: checkFlow(report.flow, begun), error: new Error('late'), leftOvers };
  const broken = join(folder, 'broken');
  await writeReport(broken, [{ ...play, played }], made);
  const { text } = parse(await read(broken, '2.1-call-hold.html'));
  const [, list = ''] = /What is wrong([^]*?)Ladder/.exec(text) ?? [];
  expect(list.match(/F\d+(?= )/g)).toEqual(['F10']);
  expect(list).toMatch(/It did not come to \d+ more messages\./);
});

test('a page may load and run nothing, and asks nobody', async () => {
  const page = await read(right, '2.1-call-hold.html');
  const { elements, attributes } = parse(page);
  const [policy] = (attributes.get('content') ?? []).filter((each) => each.includes('default-src'));
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]+=*'; base-uri 'none'; form-action 'none'$/);
  for (const name of ['script', 'link', 'img', 'iframe', 'object', 'form', 'base'])
    expect(elements).not.toContain(name);
  expect(attributes.has('style')).toBe(false);
  expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
  expect(page).not.toContain('url(');
});

test('what a device says is text, whatever it says', async () => {
  // A message that does not belong there is a line of the ladder that leads nowhere.
  const ours = new Set([...parse(await read(right, '2.1-call-hold.html')).elements, 'g']);
  for (const name of ['2.1-call-hold.html', 'index.html', '2.1-call-hold.svg', 'junit.xml']) {
    const document = await read(wrong, name);
    const { elements, attributes } = parse(document);
    expect(document, name).not.toMatch(/[^\P{C}\n\t]/u);
    if (!name.endsWith('.html')) continue;
    expect([...elements].filter((each) => !ours.has(each))).toEqual([]);
    expect([...attributes.keys()].filter((each) => each.startsWith('on'))).toEqual([]);
    for (const href of attributes.get('href') ?? [])
      expect(href).toMatch(/^#|^(?:index|2\.1-call-hold|report|junit)\./);
  }
  const { text } = parse(await read(wrong, '2.1-call-hold.html'));
  expect(text).toContain('</script><script>document.title="run"</script>');
  expect(text).toContain('bob⟨U+202E⟩cod.exe');
  expect(text).toContain('⟨U+0000⟩');
  expect(text).toContain('A'.repeat(10_240));
});

test('report.json is what its schema says, in ASCII, with the bytes as they went', async () => {
  for (const place of [right, wrong]) {
    const json = await read(place, 'report.json');
    expect(json).toMatch(/^[\n\x20-\x7e]*$/);
    const document = reportSchema.parse(JSON.parse(json));
    expect(document).toMatchObject({ format: 'switchhook-flow-report', version: 1, made: made.toISOString() });
    expect(document.passed).toBe(place === right);
  }
  const document = reportSchema.parse(JSON.parse(await read(right, 'report.json')));
  const [first] = document.flows;
  expect(first?.messages).toHaveLength(25);
  expect(first?.messages[9]?.said?.text).toBe(plays[0]?.played.report.matched.get('F10')?.text);
  expect(document.flows.flatMap(({ messages }) => messages)).toHaveLength(25 + 11 + 24);
});

test('docs/flow-report.schema.json is the schema of report.json', async () => {
  const committed: unknown = JSON.parse(
    await readFile(new URL('../../../../docs/flow-report.schema.json', import.meta.url), 'utf8'),
  );
  expect(committed).toEqual(JSON.parse(reportJsonSchema()));
});

test('junit.xml has a suite for each flow and a case for each message', async () => {
  const { elements, attributes } = parse(await read(right, 'junit.xml'));
  expect([...elements].sort()).toEqual(['properties', 'property', 'testcase', 'testsuite', 'testsuites']);
  expect(attributes.get('failures')).toEqual(Array.from({ length: sections.length + 1 }, () => '0'));
  expect(attributes.get('name')).toContain('F10 INVITE(hold) from bob to proxy');
  // Servers split a class at its last dot, which must not be that of a section.
  expect(new Set(attributes.get('classname')?.map((name) => name.split('.').length))).toEqual(new Set([2]));
  expect(attributes.get('classname')).toContain('RFC 5359.Call Park');
  const broken = parse(await read(wrong, 'junit.xml'));
  expect(broken.elements).toContain('failure');
  expect(broken.elements).toContain('error');
  const [all, ofFlow] = broken.attributes.get('failures') ?? [];
  expect(Number(all)).toBeGreaterThan(0);
  expect(all).toBe(ofFlow);
});

test('what was not said is told as missing, and what may be left out as left out', async () => {
  const played = await simulateFlow(flowScripts[0] ?? expect.unreachable());
  const matched = new Map([...played.report.matched].filter(([f]) => f !== 'F3' && f !== 'F25'));
  const f3 = played.report.flow.messages[2];
  const tolerated = [...played.report.tolerated, { tolerance: 'T1', message: f3 }];
  const report = { ...played.report, matched, tolerated };
  const [flow] = reportDocument([{ played: { ...played, report }, stage: '', milliseconds: 1 }], made).flows;
  expect(flow?.messages[2]).toMatchObject({ verdict: 'left out', tolerances: ['T1'], said: null });
  expect(flow?.messages[24]).toMatchObject({ verdict: 'missing', said: null });
});
