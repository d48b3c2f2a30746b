import type { Dialog } from '../dialog/dialog.ts';
import { SyntaxFault } from '../message/fault.ts';
import { Parameters } from '../message/parameters.ts';
import type { LocalHold } from './media.ts';

const feature = '+sip.rendering';

/** What a Contact says of whether this side renders what comes: not while it holds (RFC 4235 5.2). The value is quoted. */
export function withRendering(parameters: Parameters, hold: LocalHold): Parameters {
  const others = parameters.without(feature);
  const all = hold === 'none' ? others : Parameters.parse(`${others.toString()};${feature}="no"`);
  return all instanceof SyntaxFault ? others : all;
}

/** Says it in the Contact of a dialog from now on. */
export function showRendering(dialog: Dialog, hold: LocalHold): void {
  dialog.contactParameters = withRendering(dialog.contactParameters, hold);
}
