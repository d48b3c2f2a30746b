/**
 * C0 and C1 controls: with them a text moves the cursor of a terminal, or begins another line of a log. And the controls of
 * writing direction: with them it reads as what it is not.
 */
const controls = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A text from outside as people may see it: without the characters that terminals obey. */
export function printable(text: string): string {
  return text.replace(controls, '\ufffd');
}
