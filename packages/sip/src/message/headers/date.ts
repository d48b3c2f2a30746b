import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import { refused } from '../printing.ts';

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const earliest = -62_167_219_200_000;
const latest = 253_402_300_799_999;
const shape = /^[ \t]*([A-Za-z]{3}), (\d{2}) ([A-Za-z]{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT[ \t]*$/;

/** Date (RFC 3261 20.17): when the message was first sent, in milliseconds since 1970. Named after `SIP-date`. */
export const SipDate: HeaderType<number> = { name: 'Date', list: false, parse, print };

function parse(text: string): number | SyntaxFault {
  const [, weekday = '', day, month = '', year, hour, minute, second] = shape.exec(text) ?? [];
  if (!days.includes(weekday) || !months.includes(month)) return new SyntaxFault('not a date of RFC 1123 in GMT');
  const date = new Date(0);
  date.setUTCFullYear(Number(year), months.indexOf(month), Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  const exists = date.getUTCDate() === Number(day) && Number(minute) < 60 && Number(second) <= 60;
  return exists ? date.getTime() : new SyntaxFault('no such day or time');
}

function print(milliseconds: number): string {
  // The grammar has four digits for the year.
  if (!(milliseconds >= earliest && milliseconds <= latest)) throw refused('a date', String(milliseconds));
  const date = new Date(milliseconds);
  const weekday = days[date.getUTCDay()] ?? '';
  const month = months[date.getUTCMonth()] ?? '';
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(twoDigits).join(':');
  return `${weekday}, ${twoDigits(date.getUTCDate())} ${month} ${year} ${time} GMT`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
