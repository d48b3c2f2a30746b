import type { ReportDocument } from './report-schema.ts';
import { markup, nothing } from './markup.ts';
import { countOf, page, stamp } from './page.ts';

/** The page that leads to those of the flows. */
export function indexPage({ flows, passed, made }: ReportDocument): string {
  const sum = (of: (flow: ReportDocument['flows'][number]) => number): number =>
    flows.reduce((total, flow) => total + of(flow), 0);
  const statements = new Set(
    flows.flatMap((flow) => flow.statements.filter(({ verdict }) => verdict !== 'not shown')).map(({ id }) => id),
  );
  const stages = [...new Set(flows.map(({ stage }) => stage))];
  const wrong = flows.filter((flow) => !flow.passed).length;
  return page(
    'RFC 5359, played and checked',
    markup`<a class="skip" href="#flows">To the flows</a>
<header>
<h1>RFC 5359, played and checked</h1>
<p class="lead">Session Initiation Protocol Service Examples: what was said in each of these flows, message by message, beside what the RFC prints.</p>
<p>${stamp(passed)}</p>
<dl class="facts">
<div><dt>Flows</dt><dd>${wrong === 0 ? flows.length : `${flows.length - wrong} of ${flows.length}`}</dd></div>
<div><dt>Messages</dt><dd>${sum(({ examined }) => examined.messages)} of ${sum(({ messages }) => messages.length)}</dd></div>
<div><dt>Rules</dt><dd>${sum(({ examined }) => examined.rules)}</dd></div>
<div><dt>States of sound</dt><dd>${sum(({ examined }) => examined.media)}</dd></div>
<div><dt>Prohibitions</dt><dd>${sum(({ examined }) => examined.negatives)}</dd></div>
<div><dt>Statements of the RFC</dt><dd>${statements.size}</dd></div>
</dl>
</header>
<main>
<h2 id="flows">Flows</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="flows">
<table class="index">
<thead><tr><th scope="col">Section</th><th scope="col">Service</th><th scope="col">Verdict</th><th scope="col" class="count">Messages</th><th scope="col" class="count">Rules</th><th scope="col" class="count">Tolerances</th><th scope="col" class="count">Seconds</th><th scope="col" class="files">Files</th></tr></thead>
<tbody>
${flows.map(
  ({ section, title, passed: isRight, examined, messages, tolerances, seconds, files, summary }) => markup`<tr>
<td class="section">${section}</td>
<td class="service"><a href="${files.page}">${title}</a><br/><span class="quiet">${summary}</span></td>
<td class="verdict ${isRight ? 'good' : 'bad'}">${isRight ? '✓ right' : '✗ wrong'}</td>
<td class="count" data-column="Messages">${examined.messages} of ${messages.length}</td>
<td class="count" data-column="Rules">${examined.rules}</td>
<td class="count" data-column="Tolerances">${tolerances.length}</td>
<td class="count" data-column="Seconds">${seconds.toFixed(1)}</td>
<td class="files"><a href="${files.capture}" aria-label="Capture of ${section}">pcapng</a> <a href="${files.ladder}" aria-label="Ladder of ${section}">svg</a></td>
</tr>
`,
)}</tbody>
</table>
</div>
${wrong === 0 ? nothing : failuresSection(flows)}
</main>
<footer>
<p>Played over ${stages.join('; ')}. Made ${made.slice(0, 16).replace('T', ' ')} UTC. For programs: <a href="report.json">report.json</a>, <a href="junit.xml">junit.xml</a>. ${countOf(flows.length, 'capture')} for Wireshark.</p>
</footer>`,
  );
}

function failuresSection(flows: ReportDocument['flows']) {
  return markup`<h2>What is wrong</h2>
<ul class="plain">
${flows
  .filter(({ passed }) => !passed)
  .map(({ section, title, files, messages, error, leftOvers }) => {
    const wrong = messages.filter(({ verdict }) => verdict === 'wrong' || verdict === 'missing');
    return markup`<li><a href="${files.page}">${section} ${title}</a>: ${wrong.map(({ number }) => markup`<a href="${files.page}#${number}">${number}</a> `)}${error ?? ''} ${leftOvers.join(', ')}</li>
`;
  })}</ul>`;
}
