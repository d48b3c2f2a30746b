import { whenKnown } from '@switchhook/sip';
import type { CallPlan, FollowingPlan, RingPlan, Stage } from '@switchhook/sip';

/** Sentences that a plan has at most, when it is explained. */
const mostSentences = 200;

/**
 * Tells in plain words what a plan does and why, what follows on each outcome indented beneath it. `make` makes the plan
 * and is given where to take down its reasons.
 */
export function explainPlan(
  make: (note: (sentence: string) => void) => CallPlan | Promise<CallPlan>,
): string[] | Promise<string[]> {
  const lines: string[] = [];
  let depth = 0;
  const say = (sentence: string): void => void lines.push(`${'  '.repeat(depth)}${sentence}`);
  const tell = (plan: CallPlan): void => {
    switch (plan.kind) {
      case 'reject':
      case 'respond':
        say(`answer: ${String(plan.status)}${plan.reason === undefined ? '' : ` ${plan.reason}`}`);
        return;
      case 'redirect':
        say(`answer: ${String(plan.status ?? 302)}, to ${plan.contacts.map(({ uri }) => uri.toString()).join(', ')}`);
        return;
      case 'serve':
        say('the exchange itself answers');
        return;
      case 'ring':
        plan.stages.forEach((stage, index) => say(stageSentence(stage, index)));
        tellWhatFollows(plan);
    }
  };
  const tellWhatFollows = (plan: RingPlan): void => {
    const outcomes: [string, FollowingPlan | undefined][] = [
      ['when busy:', plan.onBusy],
      ['when nobody answers:', plan.onNoAnswer],
      ['when no phone can be reached:', plan.onUnavailable],
    ];
    for (const [name, following] of outcomes) {
      if (following === undefined) continue;
      if (lines.length >= mostSentences) {
        say(`${name} and so on`);
        continue;
      }
      say(name);
      depth += 1;
      tell(following());
      depth -= 1;
    }
  };
  return whenKnown(make(say), (plan) => {
    tell(plan);
    return lines;
  });
}

function stageSentence({ targets, ringTime }: Stage, index: number): string {
  const phones = targets.map(({ uri, delay = 0, ringTime: own }) => {
    const after = delay === 0 ? '' : ` after ${seconds(delay)}`;
    return `${uri.toString()}${after}${own === undefined ? '' : ` for ${seconds(own)}`}`;
  });
  const time = ringTime === undefined ? '' : `, ${seconds(ringTime)} from the first ringing`;
  return `${index === 0 ? 'call' : 'then call'} ${phones.join(' and ')}${time}`;
}

function seconds(milliseconds: number): string {
  return `${String(milliseconds / 1_000)} s`;
}
