// Dates, times, numbers and durations in the host's locale and time zone.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const CALENDAR_DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/// The formats of one locale and time zone; unknown ones fall back to English and UTC.
export function createFormats({ locale, timeZone } = {}) {
  const language = usable(() => new Intl.Locale(locale).toString()) ?? "en-US";
  const zone = usable(() => new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone) ?? "UTC";
  const formatter = (options) => new Intl.DateTimeFormat(language, options);
  const day = formatter({ dateStyle: "medium", timeZone: zone });
  const calendarDay = formatter({ dateStyle: "medium", timeZone: "UTC" });
  const moment = formatter({ dateStyle: "medium", timeStyle: "short", timeZone: zone });
  const decimals = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const at = (format, value) => usable(() => format.format(new Date(value))) ?? String(value);
  return {
    locale: language,
    timeZone: zone,
    collator: new Intl.Collator(language, { numeric: true, sensitivity: "base" }),
    date: (value) => (CALENDAR_DAY.test(value) ? at(calendarDay, value) : at(day, value)),
    dateTime: (value) => (CALENDAR_DAY.test(value) ? at(calendarDay, value) : at(moment, value)),
    number: (value) => decimals.format(value),
    hours: (value) => `${decimals.format(value)} h`,
  };
}

function usable(make) {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/// Whether a value is a date or an instant as the server writes them.
export function isDate(value) {
  return typeof value === "string" && (CALENDAR_DAY.test(value) || (INSTANT.test(value) && !Number.isNaN(Date.parse(value))));
}

/// A duration in its largest unit, such as `3 d`, `5 h` or `12 min`.
export function duration(milliseconds) {
  const length = Math.abs(milliseconds);
  if (length >= DAY) return `${Math.floor(length / DAY)} d`;
  if (length >= HOUR) return `${Math.floor(length / HOUR)} h`;
  return `${Math.max(1, Math.floor(length / MINUTE))} min`;
}

/// Date and time on the clock of a time zone, as ["2026-11-28", "09:30"].
export function wallClock(instant, timeZone) {
  const options = { timeZone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
  const parts = new Intl.DateTimeFormat("en", options).formatToParts(new Date(instant));
  const part = (type) => parts.find((each) => each.type === type).value;
  return [`${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`, `${part("hour")}:${part("minute")}`];
}

/// The instant at which the clocks of a time zone show this date and time.
export function zonedInstant(date, time, timeZone) {
  const wanted = Date.parse(`${date}T${time}:00Z`);
  const shownAt = (instant) => Date.parse(`${wallClock(instant, timeZone).join("T")}:00Z`);
  const guess = wanted - (shownAt(wanted) - wanted);
  return new Date(guess - (shownAt(guess) - wanted)).toISOString();
}
