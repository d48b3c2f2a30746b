import { ladderStyle } from './ladder-svg.ts';

/** How a page of a report looks, by day, by night and on paper. Nothing comes from elsewhere: no font, no picture. */
export const pageStyle = `
:root { color-scheme: light dark; --paper: #fffdf9; --ink: #22201c; --soft: #615c52; --line: #ddd6c8; --chip: #f4efe5; --sound: #1d6fa5; --good: #1e7b4a; --bad: #b3261e; --warn: #8a5a00; --good-tint: #eaf5ee; --bad-tint: #fdecea; --warn-tint: #fdf3dc; --mono: ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", P052, Georgia, serif; }
@media (prefers-color-scheme: dark) { :root { --paper: #17181b; --ink: #ece9e2; --soft: #aaa598; --line: #383a40; --chip: #222429; --sound: #6fb7ea; --good: #6fce97; --bad: #ff8a80; --warn: #e9b44c; --good-tint: #17281f; --bad-tint: #331c1a; --warn-tint: #2e2616; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; text-rendering: optimizeLegibility; }
main, header, footer { max-width: 78rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 3rem); }
header { padding-top: 2.2rem; }
footer { padding-block: 3rem; color: var(--soft); font-size: .875rem; }
h1, h2, h3 { font-family: var(--serif); line-height: 1.2; font-weight: 600; text-wrap: balance; }
h1 { font-size: clamp(2rem, 5vw, 3.1rem); margin: .3rem 0 .6rem; letter-spacing: -.012em; }
h2 { font-size: 1.6rem; margin: 3.2rem 0 1rem; padding-top: 1.2rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.2rem; margin: 0; }
p { max-width: 44rem; margin: .6rem 0; }
a { color: var(--sound); text-underline-offset: .16em; text-decoration-thickness: 1px; }
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--sound); outline-offset: 3px; border-radius: 3px; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: .5rem 1rem; }
nav { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; font-size: .9rem; color: var(--soft); } nav + h1 { margin-top: 1.2rem; }
.lead { font-family: var(--serif); font-size: 1.25rem; line-height: 1.45; color: var(--soft); }
.lead + p { margin-top: 1.1rem; }
.stamp { display: inline-flex; align-items: center; gap: .5em; font-weight: 700; padding: .25em .8em; border-radius: 99px; border: 1.5px solid; }
.good { color: var(--good); } .bad { color: var(--bad); }
.stamp.good { background: var(--good-tint); } .stamp.bad { background: var(--bad-tint); }
.facts { display: flex; flex-wrap: wrap; gap: 1rem 2.4rem; margin: 1.6rem 0 0; }
.facts div { min-width: 5.5rem; } .facts dt { font-size: .8rem; color: var(--soft); } .facts dd { margin: 0; font-family: var(--serif); font-size: 1.3rem; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
.ladder { display: block; max-width: 100%; height: auto; min-width: 40rem; }
ul.plain { list-style: none; padding: 0; margin: .6rem 0; } ul.plain > li { padding: .55rem 0; border-top: 1px solid var(--line); }
.finding { border-left: 4px solid var(--bad); background: var(--bad-tint); padding: .7rem 1rem; margin: .7rem 0; border-radius: 0 6px 6px 0; }
.finding.advice { border-color: var(--warn); background: var(--warn-tint); }
.finding p { margin: .15rem 0; max-width: none; overflow-wrap: anywhere; max-height: 14rem; overflow-y: auto; } .finding .rule { font-family: var(--mono); font-size: .875rem; }
.quiet { color: var(--soft); font-size: .875rem; }
article { margin: 1.6rem 0 0; padding: 1.2rem 0 0; border-top: 1px solid var(--line); }
article:target > .head h3 { background: linear-gradient(transparent 62%, var(--warn-tint) 62%); }
article:target { border-top: 3px solid var(--sound); }
.head { display: flex; flex-wrap: wrap; gap: .2rem 1rem; align-items: baseline; }
.head .f { font-variant-numeric: tabular-nums; margin-right: .35em; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; font-size: .8rem; color: var(--soft); padding: .35rem .7rem; border-bottom: 1px solid var(--line); }
td { vertical-align: top; padding: .28rem .7rem; border-bottom: 1px solid color-mix(in srgb, var(--line) 55%, transparent); }
.beside { table-layout: fixed; margin-top: .8rem; font-size: .875rem; }
.beside .line { font-family: var(--mono); font-size: .79rem; line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; direction: ltr; contain: paint; }
.beside .long { max-height: 12rem; overflow-y: auto; }
.beside col.why { width: 26%; }
.beside tr.first-of-body td { border-top: 3px double var(--line); }
.beside td { overflow-wrap: anywhere; }
.beside .same td { color: var(--soft); }
.beside .wrong td { background: var(--bad-tint); } .beside .advice td, .beside .erratum td { background: var(--warn-tint); }
.none { color: var(--soft); font-style: italic; }
.mark { font-weight: 700; white-space: nowrap; } .mark.wrong { color: var(--bad); } .mark.advice, .mark.erratum { color: var(--warn); } .mark.allowed { color: var(--good); } .mark.own { color: var(--soft); font-weight: 600; }
details { margin: .8rem 0; } summary { cursor: pointer; color: var(--sound); width: fit-content; }
pre { font: .79rem/1.5 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; background: var(--chip); padding: .8rem 1rem; border-radius: 6px; max-height: 30rem; overflow-y: auto; unicode-bidi: isolate; direction: ltr; }
.rules td:first-child { font-family: var(--mono); font-size: .8rem; white-space: nowrap; }
.rules { font-size: .875rem; }
.index td, .index th { padding-block: .6rem; } .index td.count, .index th.count { text-align: right; font-variant-numeric: tabular-nums; } .index a { font-weight: 600; } .index td.verdict, .index td.files { white-space: nowrap; } .index td.files a { font-weight: 400; font-size: .85rem; margin-right: .5em; }
.index tbody tr:hover td { background: var(--chip); }
.statement-id { font-family: var(--mono); font-size: .8rem; white-space: nowrap; }
@media screen and (max-width: 46rem) {
  :is(.beside, .rules), :is(.beside, .rules) :is(tbody, tr, td) { display: block; } :is(.beside, .rules) :is(thead, colgroup) { display: none; }
  :is(.beside, .rules) tr { border-bottom: 1px solid var(--line); padding: .4rem 0; } :is(.beside, .rules) td { border: 0; padding: .1rem .4rem; overflow-wrap: anywhere; }
  td[data-column]::before { content: attr(data-column) ": "; color: var(--soft); font-size: .75rem; }
  .beside .same td:first-child { display: none; }
  :is(.index, .index tbody) { display: block; } .index thead { display: none; }
  .index tr { display: flex; flex-wrap: wrap; gap: .3rem 1rem; padding: .9rem 0 .9rem 3.4rem; border-bottom: 1px solid var(--line); }
  .index td, .index td.count { border: 0; padding: 0; text-align: left; font-size: .875rem; } .index td.section { width: 2.4rem; margin-left: -3.4rem; font-size: 1rem; } .index td.service { flex: 1 0 100%; font-size: 1rem; } .index td.verdict { font-weight: 600; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #444; --line: #bbb; --chip: #fff; --sound: #0b4f7a; --good: #0a5a30; --bad: #8f130c; --warn: #6b4500; --good-tint: #fff; --bad-tint: #fff; --warn-tint: #fff; }
  body { font-size: 10pt; } nav, .skip, .to-ladder { display: none; } main, header, footer { max-width: none; padding: 0; }
  .beside .long, .finding p, pre { max-height: none; overflow: visible; } tr, .finding, svg { break-inside: avoid; } h2, h3, .head { break-after: avoid; }
  .scroll { overflow: visible; } .ladder { min-width: 0; max-height: 24cm; margin: 0 auto; }
  .beside .line { font-size: 7.5pt; line-height: 1.35; } :is(.beside, .rules, .index), :is(.beside, .rules, .index) .quiet { font-size: 8.5pt; } :is(.beside, .rules, .index) :is(td, th) { padding-inline: .4rem; } .index :is(th.files, td.files) { display: none; }
}
${ladderStyle}`;
