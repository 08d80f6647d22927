// The clocks of a time zone.

/// Date and time on the clock of a time zone, as ["2026-11-28", "09:30"].
export function wallClock(instant, timeZone) {
  const text = new Intl.DateTimeFormat("sv", { timeZone, dateStyle: "short", timeStyle: "short" }).format(new Date(instant));
  return text.split(" ");
}

/// The instant at which the clocks of a time zone show this date and time.
export function zonedInstant(date, time, timeZone) {
  const wanted = Date.parse(`${date}T${time}Z`);
  const shift = (instant) => Date.parse(`${wallClock(instant, timeZone).join("T")}Z`) - instant;
  const guess = wanted - shift(wanted);
  return new Date(wanted - shift(guess)).toISOString();
}
