// Times as devices print them. Both sides of a difference come from one device, so its zone falls out and its label, which cannot
// be trusted (AMB-24), is never looked at.

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** `Oct 29 19:03:00 2023 PDT`, and of an ASA `Oct 29 2023 19:03:00 UTC`. */
const monthFirst = /\b([A-Z][a-z]{2}) +(\d{1,2}) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(?: (\d{4}))?/;
/** `11:04:51.711 PDT Fri Sep 1 2023`, as `show clock` prints it. */
const clockFirst = /(\d\d):(\d\d):(\d\d)(?:\.\d+)? \S{1,8} [A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{1,2}) (\d{4})/;

/** Milliseconds in the device's own zone; null for what is no time. */
export function readDeviceTime(text: string): number | null {
  const clock = clockFirst.exec(text);
  if (clock !== null) {
    const [, hour, minute, second, month = "", day, year] = clock;
    return timeOf(year, month, day, hour, minute, second);
  }
  const date = monthFirst.exec(text);
  if (date === null) return null;
  const [, month = "", day, early, hour, minute, second, late] = date;
  return timeOf(early ?? late, month, day, hour, minute, second);
}

function timeOf(year: string | undefined, month: string, ...rest: (string | undefined)[]): number | null {
  const index = months.indexOf(month);
  const [day = 0, hour = 0, minute = 0, second = 0] = rest.map(Number);
  if (year === undefined || index === -1) return null;
  return Date.UTC(Number(year), index, day, hour, minute, second);
}
