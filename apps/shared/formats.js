// Dates, times, numbers and durations in the host's locale and time zone.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const CALENDAR_DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/// The formats of one locale and time zone; unknown ones fall back to English and UTC.
export function createFormats({ locale, timeZone } = {}) {
  const language = attempt(() => new Intl.Locale(locale).toString()) ?? "en-US";
  const zone = attempt(() => timeZone && new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone) ?? "UTC";
  const formatter = (options) => new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: zone, ...options });
  const [day, calendarDay, moment] = [formatter(), formatter({ timeZone: "UTC" }), formatter({ timeStyle: "short" })];
  const decimals = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const shown = (format, value) => attempt(() => (CALENDAR_DAY.test(value) ? calendarDay : format).format(new Date(value))) ?? `${value}`;
  return {
    locale: language,
    timeZone: zone,
    collator: new Intl.Collator(language, { numeric: true, sensitivity: "base" }),
    date: (value) => shown(day, value),
    dateTime: (value) => shown(moment, value),
    dayOfYear: (value) => shown(formatter({ dateStyle: undefined, month: "short", day: "numeric" }), value),
    number: decimals.format,
    hours: (value) => `${decimals.format(value)} h`,
  };
}

function attempt(make) {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/// Whether a value is a date or an instant as the server writes them.
export function isDate(value) {
  return typeof value === "string" && (CALENDAR_DAY.test(value) || INSTANT.test(value)) && !Number.isNaN(Date.parse(value));
}

/// A duration in its largest unit, such as `3 d`, `5 h` or `12 min`.
export function duration(milliseconds) {
  const length = Math.abs(milliseconds);
  if (length >= DAY) return `${Math.floor(length / DAY)} d`;
  if (length >= HOUR) return `${Math.floor(length / HOUR)} h`;
  return `${Math.max(1, Math.floor(length / MINUTE))} min`;
}
