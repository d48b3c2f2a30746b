import type { Erratum } from '../oracle/flow-schema.ts';
import { readOracle } from '../oracle/oracle.ts';
import { markup, nothing, readable } from './markup.ts';
import type { Markup } from './markup.ts';
import { isOfDescription } from './message-parts.ts';
import { countOf, page, stamp } from './page.ts';
import type { DifferenceDocument, FindingDocument, FlowDocument, MessageDocument } from './report-schema.ts';

/** Where a page stands among its neighbours. */
export interface Neighbours {
  readonly before: FlowDocument | undefined;
  readonly after: FlowDocument | undefined;
}

/** The page of one flow: verdict, ladder, every message beside the RFC's, sound, what must not be, the statements covered. */
export function flowPage(flow: FlowDocument, ladder: Markup, { before, after }: Neighbours): string {
  const { section, title, summary, stage, seconds, examined, messages, files, passed } = flow;
  const covered = flow.statements.filter(({ verdict }) => verdict !== 'not shown').length;
  return page(
    `RFC 5359 ${section} ${title}`,
    markup`<a class="skip" href="#messages">To the messages</a>
<header>
<nav aria-label="Flows"><a href="index.html">All flows</a>${before === undefined ? nothing : markup`<a href="${before.files.page}" rel="prev">← ${before.section} ${before.title}</a>`}${after === undefined ? nothing : markup`<a href="${after.files.page}" rel="next">${after.section} ${after.title} →</a>`}</nav>
<h1>${section} ${title}</h1>
<p class="lead">${summary}</p>
<p>${stamp(passed)}</p>
<dl class="facts">
<div><dt>Messages</dt><dd>${examined.messages} of ${messages.length}</dd></div>
<div><dt>Rules</dt><dd>${examined.rules}</dd></div>
<div><dt>States of sound</dt><dd>${examined.media}</dd></div>
<div><dt>Prohibitions</dt><dd>${examined.negatives}</dd></div>
<div><dt>Statements</dt><dd>${covered}</dd></div>
<div><dt>Seconds</dt><dd>${seconds.toFixed(1)}</dd></div>
<div><dt>Played over</dt><dd>${stage}</dd></div>
</dl>
</header>
<main>
${failures(flow)}
<h2 id="ladder">Ladder</h2>
<p class="quiet">Each message leads to what was said and what the RFC prints. Double lines are RTP as it really went. The same as a file: <a href="${files.ladder}">picture</a>, <a href="${files.capture}">capture for Wireshark</a>.</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="ladder">
${ladder}
</div>
<h2 id="messages">Messages</h2>
${messages.map((message) => messageArticle(message, flow))}
${media(flow)}
${negatives(flow)}
${tolerances(flow)}
${others(flow)}
${statements(flow)}
</main>
<footer>
<p>The messages in the left columns are those of RFC 5359, Copyright (C) The IETF Trust (2008). For programs: <a href="report.json">report.json</a>, <a href="junit.xml">junit.xml</a>.</p>
</footer>`,
  );
}

function titleOf({ elements }: FlowDocument, name: string): string {
  return elements.find((element) => element.name === name)?.title ?? name;
}

function failures(flow: FlowDocument): Markup {
  const { error, leftOvers, messages, media: states, negatives: never, findings } = flow;
  const unsaid = new Set(messagesCutOff(flow));
  const told = messages.filter((message) => !unsaid.has(message));
  const all = [...told, ...states, ...never].flatMap((each) => each.findings).concat(findings);
  const broken = all.filter(({ strength }) => strength === 'must');
  if (broken.length === 0 && error === null && leftOvers.length === 0) return nothing;
  return markup`<h2 id="wrong">What is wrong</h2>
${error === null ? nothing : markup`<div class="finding"><p><strong>Not played to the end:</strong> ${readable(error)}</p></div>`}
${leftOvers.map((what) => markup`<div class="finding"><p><strong>Left over:</strong> ${what}</p></div>`)}
${findingList(broken, true)}${
    unsaid.size === 0
      ? nothing
      : markup`<p class="quiet">It did not come to ${countOf(unsaid.size, 'more message', 'more messages')}.</p>
`
  }`;
}

/** What is missing only because the flow ended before its time: all behind the last that was said but the first, for want of which it ended. */
function messagesCutOff({ error, messages }: FlowDocument): readonly MessageDocument[] {
  if (error === null) return [];
  const last = messages.findLastIndex(({ said }) => said !== null);
  return messages
    .slice(last + 1)
    .filter(({ verdict }) => verdict === 'missing')
    .slice(1);
}

/** What is found wrong; what one rule finds in one message stands together. */
function findingList(findings: readonly FindingDocument[], isLinked: boolean): readonly Markup[] {
  const groups = new Map<string, FindingDocument[]>();
  for (const each of findings) {
    const key = `${each.message ?? ''} ${each.rule}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return [...groups.values()].map((group) => findingBox(group, isLinked));
}

function findingBox(findings: readonly FindingDocument[], isLinked: boolean): Markup {
  const [first] = findings;
  if (first === undefined) return nothing;
  const { message, rule, strength, sentence, reference } = first;
  const ids = [...new Set(findings.flatMap((each) => each.statements))];
  const place = message === null || !isLinked ? nothing : markup`<a href="#${message}">${message}</a> `;
  return markup`<div class="finding${strength === 'must' ? '' : ' advice'}">
<p><strong>${strength === 'must' ? '✗ Required' : '! Advised'}:</strong> ${place}${sentence} <span class="rule">${rule}</span></p>
${findings.map(
  ({ expected, found }) => markup`<p>Expected: ${readable(expected)}<br/>Found: ${readable(found)}</p>
`,
)}<p class="quiet">${reference}${ids.length === 0 ? '' : `; coverage ${ids.join(', ')}`}</p>
</div>
`;
}

const verdicts: Readonly<Record<MessageDocument['verdict'], Markup>> = {
  right: markup`<span class="mark allowed">✓ right</span>`,
  wrong: markup`<span class="mark wrong">✗ wrong</span>`,
  missing: markup`<span class="mark wrong">✗ missing</span>`,
  'left out': markup`<span class="mark own">∅ left out, as it may be</span>`,
};

function messageArticle(message: MessageDocument, flow: FlowDocument): Markup {
  const { number, from, to, label, said, verdict, meaning, findings, rules } = message;
  return markup`<article id="${number}" aria-labelledby="${number}-title">
<div class="head"><h3 id="${number}-title"><span class="f">${number}</span> ${label}, ${titleOf(flow, from)} → ${titleOf(flow, to)}</h3>
${verdicts[verdict]} ${said === null ? nothing : markup`<span class="quiet">${said.time.toFixed(3)} s, ${said.protocol}</span>`} <a class="quiet to-ladder" href="#ladder-${number}" aria-label="${number} in the ladder">↑ ladder</a></div>
<p>${meaning}</p>
${findingList(findings, false)}
${said === null ? alone(message) : beside(message)}
${errata(message)}
<details><summary>Held against ${countOf(rules.length, 'rule')}</summary>
<table class="rules"><thead><tr><th scope="col">Rule</th><th scope="col">Strength</th><th scope="col">What it says</th><th scope="col">Where</th></tr></thead><tbody>
${rules.map(
  ({
    rule,
    strength,
    sentence,
    reference,
  }) => markup`<tr><td>${rule}</td><td>${strength}</td><td>${sentence}</td><td>${reference}</td></tr>
`,
)}</tbody></table></details>
</article>
`;
}

function alone({ printed, tolerances: allowed }: MessageDocument): Markup {
  return markup`<p>It was not said${allowed.length === 0 ? '' : ` (allowed: ${allowed.join(', ')})`}. The RFC prints:</p><pre tabindex="0">${readable(printed)}</pre>`;
}

/** Both messages, line by line. */
function beside({ number, differences, tolerances: allowed }: MessageDocument): Markup {
  const firstOfBody = differences.find(({ part }) => part === 'body' || isOfDescription(part));
  return markup`<table class="beside">
<colgroup><col/><col/><col class="why"/></colgroup>
<thead><tr><th scope="col">RFC 5359 prints</th><th scope="col">Said here</th><th scope="col">Difference</th></tr></thead>
<tbody>
${differences.map((difference) => besideRow(difference, difference === firstOfBody))}</tbody>
</table>
${allowed.length === 0 ? nothing : markup`<p class="quiet">Tolerances that ${number} needed: ${toleranceLinks(allowed)}.</p>`}`;
}

const marks: Readonly<Record<DifferenceDocument['kind'], string>> = {
  same: '',
  own: '= own value',
  allowed: '✓ allowed',
  erratum: '! erratum',
  advice: '! advised otherwise',
  wrong: '✗ required otherwise',
};

function besideRow(
  { printed, said, kind, why, tolerance, errata: ids }: DifferenceDocument,
  isFirstOfBody: boolean,
): Markup {
  const mark =
    kind === 'same'
      ? markup`<span class="quiet">same</span>`
      : markup`<span class="mark ${kind}">${marks[kind]}</span>`;
  return markup`<tr class="${kind}${isFirstOfBody ? ' first-of-body' : ''}">
<td data-column="RFC">${lineOf(printed)}</td>
<td data-column="Here">${lineOf(said)}</td>
<td>${mark}${tolerance === null ? nothing : markup` ${toleranceLinks([tolerance])}`}${ids.map((id) => markup` <a href="#${id}">${id}</a>`)}${why === null ? nothing : markup`<br/><span class="quiet">${readable(why)}</span>`}</td>
</tr>
`;
}

/** A longer line scrolls in its own place. */
const longLine = 1_000;

function lineOf(text: string | null): Markup {
  if (text === null) return markup`<span class="none">–</span>`;
  return text.length > longLine
    ? markup`<div class="line long" tabindex="0">${readable(text)}</div>`
    : markup`<div class="line">${readable(text)}</div>`;
}

function toleranceLinks(ids: readonly string[]): readonly Markup[] {
  return ids.map((id, place) => {
    const title = readOracle().tolerances.find((each) => each.id === id)?.title ?? '';
    return markup`${place === 0 ? '' : ', '}<a href="#${id}" title="${title}">${id}</a>`;
  });
}

function errata({ errata: ids, number }: MessageDocument): Markup {
  const known = readOracle().errata.filter(({ id }) => ids.includes(id));
  if (known.length === 0) return nothing;
  return markup`<details><summary>What the RFC prints wrongly or no longer holds in ${number}: ${known.map(({ id }) => id).join(', ')}</summary><ul class="plain">
${known.map((erratum) => markup`<li>${erratumText(erratum)}</li>\n`)}</ul></details>`;
}

/** Where it is written, if anywhere. */
function source(reference: string): Markup {
  return reference === '-' ? nothing : markup`<span class="quiet">${reference}</span>`;
}

function media(flow: FlowDocument): Markup {
  if (flow.media.length === 0) return nothing;
  const arrow = ({ from, to }: { from: string; to: string }): string => `${titleOf(flow, from)} → ${titleOf(flow, to)}`;
  return markup`<h2 id="sound">Sound</h2>
<table class="rules"><thead><tr><th scope="col">After</th><th scope="col">State</th><th scope="col">RTP as it has to go</th><th scope="col">RTP as it went</th><th scope="col">Verdict</th></tr></thead><tbody>
${flow.media.map(({ after, label, expected, sent, findings }) => {
  const must = expected.map(
    (path) => `${arrow(path)}${path.rtp === true ? '' : path.rtp === 'any' ? ' (may)' : ' (none)'}`,
  );
  return markup`<tr><td><a href="#${after}">${after}</a></td><td>${label}</td><td data-column="RTP as it has to go">${must.join(', ')}</td><td data-column="RTP as it went">${sent.map(arrow).join(', ') || 'none'}</td><td>${findings.length === 0 ? markup`<span class="mark allowed">✓ right</span>` : markup`<span class="mark wrong">✗ wrong</span>`}</td></tr>
`;
})}</tbody></table>
${flow.media.flatMap(({ findings }) => findingList(findings, true))}`;
}

function negatives({ negatives: never, findings }: FlowDocument): Markup {
  return markup`<h2 id="never">What must not be</h2>
<ul class="plain">
${never.map(
  ({
    id,
    statement,
    findings: broken,
  }) => markup`<li>${broken.length === 0 ? markup`<span class="mark allowed">✓ was not</span>` : markup`<span class="mark wrong">✗ was</span>`} <span class="statement-id">${id}</span> ${statement}${findingList(broken, true)}</li>
`,
)}<li>${findings.some(({ strength }) => strength === 'must') ? markup`<span class="mark wrong">✗ was</span>` : markup`<span class="mark allowed">✓ was not</span>`} Anything that neither the flow nor a tolerance knows${findingList(findings, true)}</li>
</ul>`;
}

/** Those that the page speaks of. */
function tolerances({ tolerances: used, messages }: FlowDocument): Markup {
  const times = new Map(used.map(({ id, times: count }) => [id, count]));
  const named = new Set(messages.flatMap(({ differences }) => differences.map(({ tolerance }) => tolerance)));
  const all = readOracle().tolerances.filter(({ id }) => times.has(id) || named.has(id));
  if (all.length === 0) return nothing;
  return markup`<h2 id="tolerances">Tolerances</h2>
<p class="quiet">What RFC 5359 and its successors allow beside what is printed.</p>
<ul class="plain">
${all.map(({ id, title, text, ref }) => {
  const count = times.get(id);
  return markup`<li id="${id}"><strong>${id} ${title}</strong>${count === undefined ? '' : `, needed ${count === 1 ? 'once' : `${count} times`}`}: ${text} ${source(ref)}</li>
`;
})}</ul>`;
}

function others(flow: FlowDocument): Markup {
  if (flow.others.length === 0) return nothing;
  return markup`<h2 id="others">What else was said</h2>
<p class="quiet">Messages that the flow does not have: registrations, challenges and the like.</p>
<details><summary>${countOf(flow.others.length, 'message')}</summary>
<ul class="plain">
${flow.others.map(({ from, to, text, time, tolerance }) => {
  const [first = ''] = text.split(/\r?\n/, 1);
  return markup`<li>${time.toFixed(3)} s, ${titleOf(flow, from)} → ${titleOf(flow, to)}: ${tolerance === null ? markup`<span class="mark wrong">✗ nothing allows it</span>` : toleranceLinks([tolerance])}<details><summary>${readable(first.slice(0, 120))}</summary><pre tabindex="0">${readable(text.replaceAll('\r\n', '\n'))}</pre></details></li>
`;
})}</ul></details>`;
}

const statementMarks = {
  held: markup`<span class="mark allowed">✓ held</span>`,
  broken: markup`<span class="mark wrong">✗ broken</span>`,
  'not shown': markup`<span class="mark own">– not by a ladder</span>`,
} as const;

function statements(flow: FlowDocument): Markup {
  return markup`<h2 id="statements">Statements of the RFC</h2>
<p class="quiet">What the RFC says about this service in prose and ladders, by the numbers of the coverage list. What a ladder cannot show has tests of its own.</p>
<table class="rules"><thead><tr><th scope="col">Number</th><th scope="col">Verdict</th><th scope="col">Level</th><th scope="col">Statement</th></tr></thead><tbody>
${flow.statements.map(
  ({
    id,
    level,
    statement,
    verdict,
  }) => markup`<tr id="${id}"><td>${id}</td><td>${statementMarks[verdict]}</td><td>${level}</td><td>${statement}</td></tr>
`,
)}</tbody></table>
${errataList(flow)}`;
}

/** The errata that lines of the comparison lead to. */
function errataList({ messages }: FlowDocument): Markup {
  const ids = new Set(messages.flatMap(({ differences }) => differences.flatMap(({ errata: each }) => each)));
  const known = readOracle().errata.filter(({ id }) => ids.has(id));
  if (known.length === 0) return nothing;
  return markup`<h2 id="errata">Errata</h2>
<p class="quiet">What RFC 5359 prints wrongly, or what its successors have changed.</p>
<ul class="plain">
${known.map((erratum) => markup`<li id="${erratum.id}">${erratumText(erratum)}</li>\n`)}</ul>`;
}

function erratumText({ id, sev, shows, correct, ref }: Erratum): Markup {
  return markup`<strong>${id}</strong> (${sev}): ${shows}<br/>Right: ${correct} ${source(ref)}`;
}
